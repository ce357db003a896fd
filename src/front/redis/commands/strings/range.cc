#include <algorithm>
#include <cstring>

#include "front/redis/commands/strings/strings.h"
#include "front/redis/commands/words.h"

namespace tp::redis {

namespace {

constexpr std::string_view kTooLong = "ERR string exceeds maximum allowed size (proto-max-bulk-len)";

/// `old` grown to `size` with zeros, then `bytes` at `offset`; null after an error reply.
cache::Value overlaid(Call& call, BytesView old, size_t size, size_t offset, BytesView bytes) {
  cache::Value made = cache::Value::allocate(size);
  if (!made) {
    call.reply.error("OOM out of memory");
    return made;
  }
  char* out = made.fill().data();
  std::memcpy(out, old.data(), old.size());
  if (size > old.size()) std::memset(out + old.size(), 0, size - old.size());
  std::memcpy(out + offset, bytes.data(), bytes.size());
  return made;
}

}  // namespace

void run_getrange(Call& call) {
  int64_t begin = 0, end = 0;
  if (!read_integer(call, 2, &begin) || !read_integer(call, 3, &end)) return;
  std::optional<Found> found;
  if (!call.look(call[1], cache::ValueType::kString, &found)) return;
  if (!found) {
    call.miss(call[1]);
    return call.reply.bulk("");
  }
  call.hit(call[1], *found);
  const auto size = static_cast<int64_t>(found->bytes().size());
  if (begin < 0 && end < 0 && begin > end) return call.reply.bulk("");
  begin = begin < 0 ? std::max<int64_t>(begin + size, 0) : begin;
  end = end < 0 ? std::max<int64_t>(end + size, 0) : end;
  end = std::min(end, size - 1);
  if (begin > end || size == 0) return call.reply.bulk("");
  call.reply.value_part(found->value, static_cast<size_t>(begin), static_cast<size_t>(end - begin + 1));
}

void run_setrange(Call& call) {
  int64_t offset = 0;
  if (!read_integer(call, 2, &offset)) return;
  if (offset < 0) return call.reply.error("ERR offset is out of range");
  std::optional<Found> found;
  if (!call.look(call[1], cache::ValueType::kString, &found)) return;
  const BytesView bytes = call[3];
  const BytesView old = found ? found->bytes() : BytesView();
  if (bytes.empty()) return call.reply.integer(static_cast<int64_t>(old.size()));
  const auto limit = static_cast<int64_t>(cache::kMaxValueBytes);
  if (offset > limit || offset + static_cast<int64_t>(bytes.size()) > limit) return call.reply.error(kTooLong);
  const size_t size = std::max(old.size(), static_cast<size_t>(offset) + bytes.size());
  cache::Value made = overlaid(call, old, size, static_cast<size_t>(offset), bytes);
  if (!made) return;
  const bool done = found ? call.replace(call[1], std::move(made), *found) : call.put(call[1], std::move(made), {});
  if (done) call.reply.integer(static_cast<int64_t>(size));
}

void run_append(Call& call) {
  std::optional<Found> found;
  if (!call.look(call[1], cache::ValueType::kString, &found)) return;
  if (!found) {
    if (call.put(call[1], call.value_of(2), {})) call.reply.integer(static_cast<int64_t>(call[2].size()));
    return;
  }
  const size_t size = found->bytes().size() + call[2].size();
  if (size > cache::kMaxValueBytes) return call.reply.error(kTooLong);
  cache::Value made = overlaid(call, found->bytes(), size, found->bytes().size(), call[2]);
  if (made && call.replace(call[1], std::move(made), *found)) call.reply.integer(static_cast<int64_t>(size));
}

}  // namespace tp::redis
