#include "front/redis/commands/tokens/json_text.h"

#include <nlohmann/json.hpp>

namespace tp::redis {

namespace {

constexpr int kDeepest = 128;

/// The string that begins at `at` with its quote, to the quote at its end.
size_t string_end(BytesView text, size_t at) {
  size_t i = at + 1;
  while (i < text.size() && text[i] != '"') i += text[i] == '\\' ? 2 : 1;
  return std::min(i + 1, text.size());
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// Whether brackets nest too deep. The parser does not recurse, but clients that read the answer may.
bool too_deep(BytesView text) {
  int depth = 0;
  for (size_t i = 0; i < text.size();) {
    if (text[i] == '"') {
      i = string_end(text, i);
      continue;
    }
    if (text[i] == '[' || text[i] == '{') ++depth;
    if (text[i] == ']' || text[i] == '}') --depth;
    if (depth > kDeepest) return true;
    ++i;
  }
  return false;
}

}  // namespace

Result<Bytes> compact_json(BytesView text) {
  if (too_deep(text)) return fail(Code::kInvalidArgument, "the JSON value is nested too deep");
  if (!nlohmann::json::accept(text)) return fail(Code::kInvalidArgument, "the value is not valid JSON");
  Bytes out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    if (text[i] == '"') {
      const size_t end = string_end(text, i);
      out.append(text.substr(i, end - i));
      i = end;
    } else {
      if (!is_space(text[i])) out.push_back(text[i]);
      ++i;
    }
  }
  return out;
}

Result<Bytes> spaced_json(BytesView compact, const JsonSpacing& spacing, size_t limit) {
  Bytes out;
  size_t depth = 0;
  const auto new_line = [&] {
    out.append(spacing.newline);
    for (size_t i = 0; i < depth && out.size() <= limit; ++i) out.append(spacing.indent);
  };
  for (size_t i = 0; i < compact.size();) {
    if (out.size() > limit) return fail(Code::kTooLarge, "the answer is too large");
    const char c = compact[i];
    if (c == '"') {
      const size_t end = string_end(compact, i);
      out.append(compact.substr(i, end - i));
      i = end;
      continue;
    }
    const bool opens = c == '[' || c == '{', closes = c == ']' || c == '}';
    const bool is_empty = opens && i + 1 < compact.size() && (compact[i + 1] == ']' || compact[i + 1] == '}');
    if (is_empty) {
      out.append(compact.substr(i, 2));
      i += 2;
      continue;
    }
    if (closes) {
      if (depth > 0) --depth;
      new_line();
    }
    out.push_back(c);
    if (opens) ++depth;
    if (opens || c == ',') new_line();
    if (c == ':') out.append(spacing.space);
    ++i;
  }
  return out;
}

}  // namespace tp::redis
