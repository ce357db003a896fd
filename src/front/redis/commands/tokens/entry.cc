#include <limits>

#include "front/redis/commands/tokens/tokens.h"
#include "front/redis/commands/words.h"

namespace tp::redis {

namespace {

constexpr uint32_t kDefaultLeaseMs = 5000;
constexpr int64_t kLongestLeaseMs = 60'000;

bool read_bounded(Call& call, size_t index, int64_t most, int64_t* value) {
  if (!read_integer(call, index, value)) return false;
  if (*value >= 0 && *value <= most) return true;
  call.reply.error("ERR value is not an integer or out of range");
  return false;
}

}  // namespace

void run_tp_set(Call& call) {
  cache::PutOptions put;
  bool timed = false;
  for (size_t i = 3; i < call.count(); i += 2) {
    if (i + 1 == call.count()) return call.syntax_error();
    const auto expiry = expiry_option(call[i]);
    int64_t tokens = 0;
    if (is_word(call[i], "parent") && call[i + 1].size() <= cache::kMaxKeyBytes) {
      put.parent = call[i + 1];
    } else if (is_word(call[i], "tokens")) {
      if (!read_bounded(call, i + 1, std::numeric_limits<uint32_t>::max(), &tokens)) return;
      put.tokens = static_cast<uint32_t>(tokens);
    } else if (expiry && !expiry->absolute && !timed) {
      timed = true;
      if (!read_expiry(call, {i + 1, expiry->seconds, false}, &put.expires_ms)) return;
    } else {
      return call.syntax_error();
    }
  }
  if (call.put(call[1], call.value_of(2), put)) call.reply.ok();
}

void run_tp_prefix(Call& call) {
  int64_t lease_ms = kDefaultLeaseMs;
  std::optional<uint64_t> total;
  size_t first = 1;
  while (first < call.count()) {
    int64_t value = 0;
    if (is_word(call[first], "keys")) {
      ++first;
      break;
    }
    if (first + 1 == call.count()) break;  // a lone last word is a key
    if (is_word(call[first], "lease")) {
      if (!read_bounded(call, first + 1, kLongestLeaseMs, &lease_ms)) return;
    } else if (is_word(call[first], "tokens")) {
      if (!read_bounded(call, first + 1, std::numeric_limits<int64_t>::max(), &value)) return;
      total = static_cast<uint64_t>(value);
    } else {
      break;
    }
    first += 2;
  }
  if (first >= call.count()) return call.wrong_arity();
  std::vector<BytesView> keys;
  for (size_t i = first; i < call.count(); ++i) {
    if (call[i].size() > cache::kMaxKeyBytes) return call.reply.error("ERR a key is longer than 1024 bytes");
    keys.push_back(call[i]);
  }
  constexpr size_t kMostKeys = 65536;
  if (keys.size() > kMostKeys) return call.reply.error("ERR too many keys in one command: at most 65536");
  const auto found = call.volume().prefix(call.space(), keys, static_cast<uint32_t>(lease_ms), total);
  call.reply.integer(found.entries);
}

void run_tp_pin(Call& call) {
  const bool pin = call.command.name == "tp.pin";
  int64_t changed = 0;
  for (size_t i = 1; i < call.count(); ++i) {
    const std::optional<Found> found = call.find(call[i]);
    if (!found || found->seen.pinned == pin) continue;
    changed += call.set_pinned(call[i], pin) ? 1 : 0;
  }
  call.reply.integer(changed);
}

}  // namespace tp::redis
