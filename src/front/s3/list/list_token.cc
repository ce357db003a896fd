#include "front/s3/list/list_token.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/hash/crc.h"

namespace tp::s3 {

namespace {
// The bytes under the base64: version and flags (1), CRC-32C of version, flags and key (4), key.
constexpr char kPlainKey = 0x10;
constexpr char kCommonPrefix = 0x11;
constexpr size_t kHeadBytes = 5;
constexpr size_t kMaxTokenText = 4096;

uint32_t check_of(char kind, BytesView last) { return crc32c(crc32c(0, BytesView(&kind, 1)), last); }
}  // namespace

std::string encode_list_token(const ListToken& token) {
  const char kind = token.last_is_prefix ? kCommonPrefix : kPlainKey;
  Bytes raw(1, kind);
  append_be<uint32_t>(raw, check_of(kind, token.last));
  raw += token.last;
  std::string text = to_base64(raw);
  text.erase(text.find_last_not_of('=') + 1);
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

std::optional<ListToken> decode_list_token(std::string_view text) {
  if (text.size() > kMaxTokenText || text.find_first_of("+/=") != std::string_view::npos) return std::nullopt;
  std::string base64(text);
  std::replace(base64.begin(), base64.end(), '-', '+');
  std::replace(base64.begin(), base64.end(), '_', '/');
  base64.append((4 - base64.size() % 4) % 4, '=');
  Bytes raw;
  if (!from_base64(base64, &raw) || raw.size() < kHeadBytes) return std::nullopt;
  const char kind = raw[0];
  if (kind != kPlainKey && kind != kCommonPrefix) return std::nullopt;
  const BytesView last = BytesView(raw).substr(kHeadBytes);
  if (get_be<uint32_t>(raw.data() + 1) != check_of(kind, last)) return std::nullopt;
  return ListToken{std::string(last), kind == kCommonPrefix};
}

}  // namespace tp::s3
