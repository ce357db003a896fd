#include "front/redis/commands/strings/strings.h"
#include "front/redis/commands/words.h"

namespace tp::redis {

namespace {

void answer_get(Call& call, const Result<cache::EntryView>& entry) {
  if (!entry) {
    if (entry.error().code == Code::kNotFound) return call.reply.null();
    return call.engine_error(entry.error());
  }
  if (entry->type != cache::ValueType::kString) {
    return call.reply.error("WRONGTYPE Operation against a key holding the wrong kind of value");
  }
  call.reply.value(entry->value);
}

/// The string at the key, counted as a lookup: nothing if the command has nothing more to do now.
std::optional<Found> take_string(Call& call) {
  std::optional<Found> found;
  if (!call.look(call[1], cache::ValueType::kString, &found)) return std::nullopt;
  if (found) {
    call.hit(call[1], *found);
  } else {
    call.miss(call[1]);
    call.reply.null();
  }
  return found;
}

}  // namespace

void run_get(Call& call) {
  if (!call.in_section()) {
    const Result<cache::EntryView> entry = call.volume().get_now(call.space(), call[1]);
    if (!entry && entry.error().code == Code::kWouldBlock) return call.go_slow();
    return answer_get(call, entry);
  }
  const std::optional<Found> found = take_string(call);
  if (found) call.reply.value(found->value);
}

Task<void> run_get_slow(Call& call) {
  const Result<cache::EntryView> entry = co_await call.volume().get(call.space(), Bytes(call[1]));
  answer_get(call, entry);
  co_return ok;
}

void run_getex(Call& call) {
  ExpiryWord expiry;
  bool persist = false;
  for (size_t i = 2; i < call.count(); ++i) {
    const auto option = expiry_option(call[i]);
    if (is_word(call[i], "persist") && !persist && expiry.index == 0) {
      persist = true;
    } else if (option && !persist && expiry.index == 0 && i + 1 < call.count()) {
      expiry = *option;
      expiry.index = ++i;
    } else {
      return call.syntax_error();
    }
  }
  std::optional<Found> found;
  if (!call.look(call[1], cache::ValueType::kString, &found)) return;
  if (!found) {
    call.miss(call[1]);
    return call.reply.null();
  }
  int64_t expires_ms = 0;
  if (expiry.index != 0 && !read_expiry(call, expiry, &expires_ms)) return;
  call.hit(call[1], *found);
  call.reply.value(found->value);
  if (expiry.index != 0 || persist) call.set_expiry(call[1], expires_ms);
}

void run_getdel(Call& call) {
  const std::optional<Found> found = take_string(call);
  if (!found) return;
  call.reply.value(found->value);
  call.erase(call[1]);
}

void run_getset(Call& call) {
  std::optional<Found> found;
  if (!call.look(call[1], cache::ValueType::kString, &found)) return;
  if (!call.put(call[1], call.value_of(2), {})) return;
  if (found) {
    call.reply.value(found->value);
  } else {
    call.reply.null();
  }
}

void run_strlen(Call& call) {
  const std::optional<Found> found = call.find(call[1]);
  if (!found) return call.reply.integer(0);
  if (call.is_type(*found, cache::ValueType::kString)) call.reply.integer(found->seen.size_bytes);
}

}  // namespace tp::redis
