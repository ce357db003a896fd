#include "wire/text/encoded_word.h"

#include <algorithm>
#include <optional>

#include "wire/text/utf8.h"

namespace tp::wire {

namespace {

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_known_charset(std::string_view charset) {
  std::string upper(charset.substr(0, charset.find('*')));  // RFC 2231: a language may follow
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return upper == "UTF-8" || upper == "UTF8" || upper == "US-ASCII";
}

std::optional<Bytes> decode_q(std::string_view text) {
  Bytes out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '_') {
      out += ' ';
    } else if (text[i] == '=') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high << 4 | low);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

struct Word {
  Bytes bytes;
  size_t text_size;  // how much of the text the word took
};

/// The encoded word at the front of `text`, which begins with "=?".
std::optional<Word> read_word(std::string_view text) {
  const size_t charset_end = text.find('?', 2);
  if (charset_end == std::string_view::npos || charset_end + 2 >= text.size() || text[charset_end + 2] != '?') {
    return std::nullopt;
  }
  const char encoding = text[charset_end + 1];
  const size_t data = charset_end + 3;
  const size_t end = text.find('?', data);  // a word's text holds no '?': looking no further keeps this linear
  if (end == std::string_view::npos || !text.substr(end).starts_with("?=")) return std::nullopt;
  if (!is_known_charset(text.substr(2, charset_end - 2))) return std::nullopt;
  const std::string_view encoded = text.substr(data, end - data);
  if (encoding == 'B' || encoding == 'b') {
    Bytes bytes;
    if (!from_base64(encoded, &bytes)) return std::nullopt;
    return Word{std::move(bytes), end + 2};
  }
  if (encoding != 'Q' && encoding != 'q') return std::nullopt;
  std::optional<Bytes> bytes = decode_q(encoded);
  if (!bytes) return std::nullopt;
  return Word{std::move(*bytes), end + 2};
}

}  // namespace

Bytes decode_encoded_words(std::string_view text) {
  Bytes out;
  size_t space_after_word = std::string::npos;  // where in `out` the white space after the last word begins
  while (!text.empty()) {
    const size_t start = std::min(text.find("=?"), text.size());
    const std::string_view plain = text.substr(0, start);
    if (plain.find_first_not_of(" \t") != std::string_view::npos) space_after_word = std::string::npos;
    out.append(plain);
    text.remove_prefix(start);
    if (text.empty()) break;
    if (const std::optional<Word> word = read_word(text)) {
      if (space_after_word != std::string::npos) out.resize(space_after_word);
      out += word->bytes;
      space_after_word = out.size();
      text.remove_prefix(word->text_size);
    } else {
      out.append("=?");
      space_after_word = std::string::npos;
      text.remove_prefix(2);
    }
  }
  return out;
}

Bytes encode_word_if_needed(BytesView text) {
  if (is_printable_ascii(text)) return Bytes(text);
  return "=?UTF-8?B?" + to_base64(text) + "?=";
}

}  // namespace tp::wire
