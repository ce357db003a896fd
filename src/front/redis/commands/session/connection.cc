#include <algorithm>
#include <limits>

#include "front/redis/commands/session/session.h"
#include "front/redis/commands/words.h"

namespace tp::redis {

void set_protocol(Call& call, int version) {
  call.reply.set_protocol(version);
  call.client.facts->protocol = version;
}

bool name_is_good(Call& call, BytesView name) {
  constexpr size_t kLongestName = 512;
  const bool good = name.size() <= kLongestName &&
                    std::all_of(name.begin(), name.end(), [](char c) { return c >= '!' && c <= '~'; });
  if (!good) call.reply.error("ERR Client names cannot contain spaces, newlines or special characters.");
  return good;
}

void run_ping(Call& call) {
  if (call.count() > 2) return call.wrong_arity();
  if (call.count() == 2) return call.reply.bulk(call[1]);
  call.reply.raw("+PONG\r\n");
}

void run_echo(Call& call) {
  call.reply.value(call.value_of(1));
}

void run_select(Call& call) {
  int64_t index = 0;
  using Range = std::numeric_limits<int32_t>;
  if (!read_ranged(call, 1, Range::min(), Range::max(), &index)) return;
  if (index != 0) return call.reply.error("ERR DB index is out of range");
  call.reply.ok();
}

void run_quit(Call& call) {
  call.client.closing = true;
  call.reply.ok();
}

Task<void> run_reset(Call& call) {
  Client& client = call.client;
  client.end_multi();
  client.reply_mode = ReplyMode::kOn;
  set_protocol(call, 2);
  client.core.clients.set_text(*client.facts, &ClientFacts::name, "");
  TP_CO_TRY_VOID(co_await client.begin());
  call.reply.simple("RESET");
  co_return ok;
}

}  // namespace tp::redis
