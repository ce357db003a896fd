#include <algorithm>
#include <charconv>

#include "front/redis/commands/keys/keys.h"
#include "front/redis/commands/words.h"
#include "rt/await.h"

namespace tp::redis {

namespace {

constexpr uint32_t kMostAtOnce = 10000;
constexpr uint32_t kKeysAtOnce = 1000;

bool type_has_name(cache::ValueType type, BytesView name) {
  switch (type) {
    case cache::ValueType::kString:
      return is_word(name, "string");
    case cache::ValueType::kHash:
      return is_word(name, "hash");
    case cache::ValueType::kJson:
      return is_word(name, "rejson-rl");
  }
  return false;
}

bool read_cursor(BytesView text, uint64_t* cursor) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), *cursor);
  return !text.empty() && read.ec == std::errc() && read.ptr == text.data() + text.size();
}

}  // namespace

void run_scan(Call& call) {
  uint64_t cursor = 0;
  if (!read_cursor(call[1], &cursor)) return call.reply.error("ERR invalid cursor");
  int64_t count = 10;
  std::optional<BytesView> pattern, type;
  for (size_t i = 2; i < call.count(); i += 2) {
    if (i + 1 == call.count()) return call.syntax_error();
    if (is_word(call[i], "count")) {
      if (!read_integer(call, i + 1, &count)) return;
      if (count < 1) return call.syntax_error();
    } else if (is_word(call[i], "match")) {
      pattern = call[i + 1];
    } else if (is_word(call[i], "type")) {
      type = call[i + 1];
    } else {
      return call.syntax_error();
    }
  }
  const auto wanted = static_cast<uint32_t>(std::min<int64_t>(count, kMostAtOnce));
  std::vector<cache::CacheVolume::Scanned> met = call.volume().scan(call.space(), &cursor, wanted);
  std::erase_if(met, [&](const auto& one) {
    return (pattern && !glob_matches(*pattern, one.key)) || (type && !type_has_name(one.type, *type));
  });
  call.reply.array(2);
  const std::string next = std::to_string(cursor);
  call.reply.bulk(next);
  call.reply.array(met.size());
  for (const auto& one : met) call.reply.bulk(one.key);
}

Task<void> run_keys(Call& call) {
  const Bytes pattern(call[1]);
  std::vector<Bytes> keys;
  uint64_t bytes = 0;
  uint64_t cursor = 0;
  do {
    for (auto& one : call.volume().scan(call.space(), &cursor, kKeysAtOnce)) {
      if (!glob_matches(pattern, one.key)) continue;
      bytes += one.key.size() + sizeof(Bytes);
      keys.push_back(std::move(one.key));
    }
    if (bytes > call.client.core.options.command_reply_bytes) {
      call.reply.error("ERR too many keys for one answer: use SCAN");
      co_return ok;
    }
    co_await rt::yield();
  } while (cursor != 0);
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  call.reply.array(keys.size());
  for (const Bytes& key : keys) call.reply.bulk(key);
  co_return ok;
}

void run_dbsize(Call& call) {
  call.reply.integer(static_cast<int64_t>(call.volume().size(call.space())));
}

void run_randomkey(Call& call) {
  const std::optional<Bytes> key = call.volume().random_key(call.space());
  if (!key) return call.reply.null();
  call.reply.bulk(*key);
}

Task<void> run_flush(Call& call) {
  const bool own = call.command.name == "tp.clear";
  if (!own && (call.count() > 2 || (call.count() == 2 && !is_word(call[1], "async") && !is_word(call[1], "sync")))) {
    call.syntax_error();
    co_return ok;
  }
  const Result<void> done = co_await call.volume().clear(call.space());
  if (done) {
    call.reply.ok();
  } else {
    call.engine_error(done.error());
  }
  co_return ok;
}

}  // namespace tp::redis
