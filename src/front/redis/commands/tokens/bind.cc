#include "front/redis/commands/tokens/tokens.h"
#include "front/redis/commands/words.h"

namespace tp::redis {

Task<void> run_tp_bind(Call& call) {
  std::vector<std::string> fields;
  for (size_t i = 2; i < call.count(); ++i) fields.emplace_back(call[i]);
  const std::string volume(call[1]);
  const Result<void> bound = co_await call.client.bind(volume, std::move(fields));
  if (bound) {
    call.reply.ok();
    co_return ok;
  }
  switch (bound.error().code) {
    case Code::kNotFound:
      call.reply.error("ERR no such cache volume");
      break;
    case Code::kPermissionDenied:
      call.reply.error("NOPERM this user may not use that volume");
      break;
    default:
      call.engine_error(bound.error());
  }
  co_return ok;
}

void run_tp_where(Call& call) {
  call.reply.map(3);
  call.reply.bulk("volume");
  call.reply.bulk(call.volume().name());
  call.reply.bulk("identity");
  call.reply.bulk(call.client.identity().text());
  call.reply.bulk("tenant");
  call.reply.bulk(call.client.binding().tenant);
}

}  // namespace tp::redis
