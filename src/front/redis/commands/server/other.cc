#include "front/redis/commands/server/server.h"
#include "front/redis/commands/words.h"

namespace tp::redis {

namespace {

constexpr int64_t kEntryBytes = 40;  // of the index, beside key and value

void memory_usage(Call& call) {
  for (size_t i = 3; i < call.count(); i += 2) {
    int64_t samples = 0;
    if (!is_word(call[i], "samples") || i + 1 == call.count()) return call.syntax_error();
    if (!read_integer(call, i + 1, &samples)) return;
    if (samples < 0) return call.syntax_error();
  }
  const std::array<BytesView, 1> keys = {call[2]};
  if (call.client.space() == nullptr) {
    return call.reply.error("ERR no cache volume is bound: AUTH user@volume or TP.BIND volume");
  }
  if (call[2].size() > cache::kMaxKeyBytes) return call.reply.null();
  const auto section = call.volume().read_section(call.space(), keys);
  const auto seen = section->find(call[2]);
  if (!seen) return call.reply.null();
  call.reply.integer(kEntryBytes + static_cast<int64_t>(call[2].size() + seen->size_bytes));
}

}  // namespace

std::span<const Subcommand> memory_subcommands() {
  static constexpr Subcommand kSubcommands[] = {{"usage", -3, memory_usage}};
  return kSubcommands;
}

std::span<const Subcommand> module_subcommands() {
  static constexpr Subcommand kSubcommands[] = {{"list", 2, [](Call& list) { list.reply.array(0); }}};
  return kSubcommands;
}

void run_time(Call& call) {
  const int64_t now_us = call.client.core.runtime.clock().wall_now() / 1000;
  call.reply.array(2);
  call.reply.bulk_integer(now_us / 1'000'000);
  call.reply.bulk_integer(now_us % 1'000'000);
}

}  // namespace tp::redis
