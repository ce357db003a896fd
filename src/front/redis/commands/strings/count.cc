#include <cmath>
#include <limits>

#include "front/redis/commands/strings/strings.h"
#include "front/redis/commands/words.h"

namespace tp::redis {

namespace {

bool store(Call& call, BytesView text, const std::optional<Found>& old) {
  cache::Value value = cache::Value::copy_of(text);
  return old ? call.replace(call[1], std::move(value), *old) : call.put(call[1], std::move(value), {});
}

void add(Call& call, int64_t step) {
  std::optional<Found> found;
  if (!call.look(call[1], cache::ValueType::kString, &found)) return;
  const auto old = found ? wire::parse_integer(found->bytes()) : std::optional<int64_t>(0);
  if (!old) return call.reply.error("ERR value is not an integer or out of range");
  int64_t sum = 0;
  if (__builtin_add_overflow(*old, step, &sum)) {
    return call.reply.error("ERR increment or decrement would overflow");
  }
  char text[20];
  if (store(call, BytesView(text, wire::format_integer(sum, text)), found)) call.reply.integer(sum);
}

}  // namespace

void run_incr(Call& call) {
  add(call, 1);
}

void run_decr(Call& call) {
  add(call, -1);
}

void run_incrby(Call& call) {
  int64_t step = 0;
  if (read_integer(call, 2, &step)) add(call, step);
}

void run_decrby(Call& call) {
  int64_t step = 0;
  if (!read_integer(call, 2, &step)) return;
  if (step == std::numeric_limits<int64_t>::min()) return call.reply.error("ERR decrement would overflow");
  add(call, -step);
}

void run_incrbyfloat(Call& call) {
  std::optional<Found> found;
  if (!call.look(call[1], cache::ValueType::kString, &found)) return;
  const auto old = found ? wire::parse_float(found->bytes()) : std::optional<long double>(0);
  const auto step = wire::parse_float(call[2]);
  if (!old || !step) return call.reply.error("ERR value is not a valid float");
  const long double sum = *old + *step;
  if (std::isnan(sum) || std::isinf(sum)) return call.reply.error("ERR increment would produce NaN or Infinity");
  const std::string text = wire::format_float(sum);
  if (store(call, text, found)) call.reply.bulk(text);
}

}  // namespace tp::redis
