#include "front/redis/commands/keys/keys.h"
#include "front/redis/commands/words.h"

namespace tp::redis {

void run_exists(Call& call) {
  int64_t present = 0;
  for (size_t i = 1; i < call.count(); ++i) present += call.find(call[i]) ? 1 : 0;
  call.reply.integer(present);
}

void run_del(Call& call) {
  int64_t gone = 0;
  for (size_t i = 1; i < call.count(); ++i) gone += call.erase(call[i]) ? 1 : 0;
  call.reply.integer(gone);
}

void run_type(Call& call) {
  const std::optional<Found> found = call.find(call[1]);
  if (!found) return call.reply.simple("none");
  switch (found->seen.type) {
    case cache::ValueType::kString:
      return call.reply.simple("string");
    case cache::ValueType::kHash:
      return call.reply.simple("hash");
    case cache::ValueType::kJson:
      return call.reply.simple("ReJSON-RL");
  }
}

}  // namespace tp::redis
