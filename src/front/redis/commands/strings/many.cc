#include "front/redis/commands/strings/strings.h"
#include "front/redis/commands/words.h"

namespace tp::redis {

namespace {

bool put_all(Call& call) {
  uint64_t bytes = 0;
  for (size_t i = 1; i < call.count(); ++i) bytes += call[i].size();
  if (!call.has_room(bytes)) return false;
  for (size_t i = 1; i < call.count(); i += 2) {
    if (!call.put(call[i], call.value_of(i + 1), {})) return false;
  }
  return true;
}

}  // namespace

void run_mget(Call& call) {
  std::vector<std::optional<Found>> found(call.count());
  bool all_here = true;
  uint64_t bytes = 0;
  for (size_t i = 1; i < call.count(); ++i) {
    found[i] = call.find(call[i]);
    if (!found[i] || found[i]->seen.type != cache::ValueType::kString) continue;
    bytes += found[i]->seen.size_bytes;
    all_here &= call.have(call[i], *found[i]);
  }
  if (bytes > call.client.core.options.command_reply_bytes) {
    call.take_wanted();
    return call.reply.error("ERR the values of the command are too large together");
  }
  if (!all_here) return;
  call.reply.array(call.count() - 1);
  for (size_t i = 1; i < call.count(); ++i) {
    const std::optional<Found>& one = found[i];
    if (!one) {
      call.miss(call[i]);
      call.reply.null();
    } else if (one->seen.type != cache::ValueType::kString) {
      call.reply.null();
    } else {
      call.hit(call[i], *one);
      call.reply.value(one->value);
    }
  }
}

void run_mset(Call& call) {
  if (call.count() % 2 == 0) return call.wrong_arity();
  if (put_all(call)) call.reply.ok();
}

void run_msetnx(Call& call) {
  if (call.count() % 2 == 0) return call.wrong_arity();
  for (size_t i = 1; i < call.count(); i += 2) {
    if (call.find(call[i])) return call.reply.integer(0);
  }
  if (put_all(call)) call.reply.integer(1);
}

}  // namespace tp::redis
