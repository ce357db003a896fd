#include <algorithm>
#include <limits>

#include "front/redis/commands/keys/keys.h"
#include "front/redis/commands/words.h"

namespace tp::redis {

namespace {

struct Conditions {
  bool none = false, some = false, greater = false, less = false;  // NX XX GT LT
};

bool read_conditions(Call& call, Conditions* conditions) {
  for (size_t i = 3; i < call.count(); ++i) {
    if (is_word(call[i], "nx")) {
      conditions->none = true;
    } else if (is_word(call[i], "xx")) {
      conditions->some = true;
    } else if (is_word(call[i], "gt")) {
      conditions->greater = true;
    } else if (is_word(call[i], "lt")) {
      conditions->less = true;
    } else {
      call.reply.error("ERR Unsupported option " + shown(call[i], call[i].size()));
      return false;
    }
  }
  if (conditions->none && (conditions->some || conditions->greater || conditions->less)) {
    call.reply.error("ERR NX and XX, GT or LT options at the same time are not compatible");
    return false;
  }
  if (conditions->greater && conditions->less) {
    call.reply.error("ERR GT and LT options at the same time are not compatible");
    return false;
  }
  return true;
}

bool read_when(Call& call, int64_t* when) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max(), kMin = std::numeric_limits<int64_t>::min();
  const bool milliseconds = call.command.name.starts_with('p');
  const int64_t base = call.command.name.ends_with("at") ? 0 : call.now_ms();
  if (!read_integer(call, 2, when)) return false;
  const bool scales = milliseconds || (*when <= kMax / 1000 && *when >= kMin / 1000);
  if (scales && !milliseconds) *when *= 1000;
  if (!scales || *when > kMax - base) {
    invalid_expiry(call);
    return false;
  }
  *when += base;
  return true;
}

// No expiry counts as one that never comes.
bool conditions_hold(const Conditions& conditions, int64_t now_expires_ms, int64_t when) {
  const bool never = now_expires_ms == 0;
  if (conditions.none && !never) return false;
  if (conditions.some && never) return false;
  if (conditions.greater && (never || when <= now_expires_ms)) return false;
  return !(conditions.less && !never && when >= now_expires_ms);
}

}  // namespace

void run_expire(Call& call) {
  Conditions conditions;
  int64_t when = 0;
  if (!read_conditions(call, &conditions) || !read_when(call, &when)) return;
  const std::optional<Found> found = call.find(call[1]);
  if (!found || !conditions_hold(conditions, found->seen.expires_ms, when)) return call.reply.integer(0);
  if (when <= call.now_ms()) {
    call.erase(call[1]);
  } else {
    call.set_expiry(call[1], when);
  }
  call.reply.integer(1);
}

void run_ttl(Call& call) {
  const std::optional<Found> found = call.find(call[1]);
  if (!found) return call.reply.integer(-2);
  if (found->seen.expires_ms == 0) return call.reply.integer(-1);
  const bool milliseconds = call.command.name.starts_with('p');
  const bool absolute = call.command.name.ends_with("expiretime");
  const int64_t value =
      absolute ? found->seen.expires_ms : std::max<int64_t>(found->seen.expires_ms - call.now_ms(), 0);
  call.reply.integer(milliseconds ? value : (value + 500) / 1000);
}

void run_persist(Call& call) {
  const std::optional<Found> found = call.find(call[1]);
  if (!found || found->seen.expires_ms == 0) return call.reply.integer(0);
  call.set_expiry(call[1], 0);
  call.reply.integer(1);
}

}  // namespace tp::redis
