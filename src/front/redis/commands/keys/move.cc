#include <limits>

#include "front/redis/commands/keys/keys.h"
#include "front/redis/commands/words.h"

namespace tp::redis {

namespace {

/// Puts what was found under another key, with its expiry and its tokens.
bool put_under(Call& call, BytesView key, const Found& found) {
  cache::PutOptions options;
  options.type = found.seen.type;
  options.expires_ms = found.seen.expires_ms;
  options.tokens = found.seen.tokens;
  cache::Value value = found.value ? found.value : cache::Value::copy_of("");
  return call.put(key, std::move(value), options);
}

bool read_copy_options(Call& call, bool* replace) {
  for (size_t i = 3; i < call.count(); ++i) {
    if (is_word(call[i], "replace")) {
      *replace = true;
    } else if (is_word(call[i], "db") && i + 1 < call.count()) {
      int64_t index = 0;
      using Range = std::numeric_limits<int32_t>;
      if (!read_ranged(call, ++i, Range::min(), Range::max(), &index)) return false;
      if (index != 0) {
        call.reply.error("ERR DB index is out of range");
        return false;
      }
    } else {
      call.syntax_error();
      return false;
    }
  }
  return true;
}

}  // namespace

void run_rename(Call& call) {
  const bool only_new = call.command.name == "renamenx";
  const std::optional<Found> found = call.find(call[1]);
  if (!found) return call.reply.error("ERR no such key");
  const bool same = call[1] == call[2];
  if (same || (only_new && call.find(call[2]))) {
    if (only_new) return call.reply.integer(0);
    return call.reply.ok();
  }
  if (!call.have(call[1], *found) || !put_under(call, call[2], *found)) return;
  if (found->seen.pinned) call.set_pinned(call[2], true);
  call.erase(call[1]);
  if (only_new) return call.reply.integer(1);
  call.reply.ok();
}

void run_copy(Call& call) {
  bool replace = false;
  if (!read_copy_options(call, &replace)) return;
  if (call[1] == call[2]) return call.reply.error("ERR source and destination objects are the same");
  const std::optional<Found> found = call.find(call[1]);
  if (!found || (!replace && call.find(call[2]))) return call.reply.integer(0);
  if (!call.have(call[1], *found) || !put_under(call, call[2], *found)) return;
  call.reply.integer(1);
}

}  // namespace tp::redis
