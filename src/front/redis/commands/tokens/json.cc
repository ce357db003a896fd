#include "front/redis/commands/tokens/json_text.h"
#include "front/redis/commands/tokens/tokens.h"
#include "front/redis/commands/words.h"

namespace tp::redis {

namespace {

constexpr std::string_view kOnlyRoot = "ERR only the root path is supported: $ or .";

bool is_root(BytesView path) {
  return path == "$" || path == ".";
}

}  // namespace

void run_json_set(Call& call) {
  bool only_new = false, only_present = false;
  if (call.count() > 5) return call.wrong_arity();
  if (call.count() == 5) {
    only_new = is_word(call[4], "nx");
    only_present = is_word(call[4], "xx");
    if (!only_new && !only_present) return call.syntax_error();
  }
  if (!is_root(call[2])) return call.reply.error(kOnlyRoot);
  const Result<Bytes> text = compact_json(call[3]);
  if (!text) return call.engine_error(text.error());
  const std::optional<Found> old = call.find(call[1]);
  if (old && !call.is_type(*old, cache::ValueType::kJson)) return;
  if ((only_new && old) || (only_present && !old)) return call.reply.null();
  cache::PutOptions options;
  options.type = cache::ValueType::kJson;
  if (old) options.expires_ms = old->seen.expires_ms;
  if (call.put(call[1], cache::Value::copy_of(*text), options)) call.reply.ok();
}

void run_json_get(Call& call) {
  JsonSpacing spacing;
  size_t i = 2;
  for (; i + 1 < call.count(); i += 2) {
    if (is_word(call[i], "indent")) {
      spacing.indent = call[i + 1];
    } else if (is_word(call[i], "newline")) {
      spacing.newline = call[i + 1];
    } else if (is_word(call[i], "space")) {
      spacing.space = call[i + 1];
    } else {
      break;
    }
  }
  if (i + 1 < call.count() || (i < call.count() && !is_root(call[i]))) return call.reply.error(kOnlyRoot);
  const bool wrapped = i < call.count() && call[i] == "$";  // a JSONPath answers an array of what it found
  std::optional<Found> found;
  if (!call.look(call[1], cache::ValueType::kJson, &found)) return;
  if (!found) {
    call.miss(call[1]);
    return call.reply.null();
  }
  call.hit(call[1], *found);
  if (!wrapped && spacing.plain()) return call.reply.value(found->value);
  Bytes text = wrapped ? "[" + Bytes(found->bytes()) + "]" : Bytes(found->bytes());
  if (!spacing.plain()) {
    Result<Bytes> spaced = spaced_json(text, spacing, cache::kMaxValueBytes);
    if (!spaced) return call.engine_error(spaced.error());
    text = std::move(*spaced);
  }
  call.reply.bulk(text);
}

}  // namespace tp::redis
