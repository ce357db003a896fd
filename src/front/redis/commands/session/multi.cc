#include "front/redis/commands/session/session.h"
#include "front/redis/commands/words.h"

namespace tp::redis {

void run_multi(Call& call) {
  if (call.client.in_multi()) return call.reply.error("ERR MULTI calls can not be nested");
  call.client.begin_multi();
  call.reply.ok();
}

void run_discard(Call& call) {
  if (!call.client.in_multi()) return call.reply.error("ERR DISCARD without MULTI");
  call.client.end_multi();
  call.reply.ok();
}

void run_watch(Call& call) {
  if (call.client.in_multi()) return call.reply.error("ERR WATCH inside MULTI is not allowed");
  for (size_t i = 1; i < call.count(); ++i) {
    const Result<void> watched = call.client.watch(call[i]);
    if (!watched) return call.reply.error("ERR " + watched.error().message);
  }
  call.reply.ok();
}

void run_unwatch(Call& call) {
  call.client.unwatch();
  call.reply.ok();
}

}  // namespace tp::redis
