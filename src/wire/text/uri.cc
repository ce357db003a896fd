#include "wire/text/uri.h"

#include <array>

namespace tp::wire {

namespace {

constexpr char kUpperHex[] = "0123456789ABCDEF";

constexpr std::array<bool, 256> unreserved_table() {
  std::array<bool, 256> table{};
  for (unsigned c = '0'; c <= '9'; ++c) table[c] = true;
  for (unsigned c = 'A'; c <= 'Z'; ++c) table[c] = true;
  for (unsigned c = 'a'; c <= 'z'; ++c) table[c] = true;
  for (const char c : {'-', '.', '_', '~'}) table[static_cast<uint8_t>(c)] = true;
  return table;
}
constexpr std::array<bool, 256> kUnreserved = unreserved_table();

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

void append_percent_encoded(Bytes& out, BytesView raw, Slash slash) {
  size_t plain = 0;  // start of the run that stays as it is
  for (size_t i = 0; i < raw.size(); ++i) {
    const auto byte = static_cast<uint8_t>(raw[i]);
    if (kUnreserved[byte] || (byte == '/' && slash == Slash::kKeep)) continue;
    out.append(raw.data() + plain, i - plain);
    const char escape[3] = {'%', kUpperHex[byte >> 4], kUpperHex[byte & 15]};
    out.append(escape, 3);
    plain = i + 1;
  }
  out.append(raw.data() + plain, raw.size() - plain);
}

std::string percent_encode(BytesView raw, Slash slash) {
  std::string out;
  out.reserve(raw.size());
  append_percent_encoded(out, raw, slash);
  return out;
}

bool append_percent_decoded(Bytes& out, std::string_view text, Plus plus) {
  size_t plain = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      out.append(text.data() + plain, i - plain);
      if (high < 0 || low < 0) return false;
      out += static_cast<char>(high << 4 | low);
      i += 2;
      plain = i + 1;
    } else if (text[i] == '+' && plus == Plus::kSpace) {
      out.append(text.data() + plain, i - plain);
      out += ' ';
      plain = i + 1;
    }
  }
  out.append(text.data() + plain, text.size() - plain);
  return true;
}

Result<Bytes> percent_decode(std::string_view text, Plus plus) {
  Bytes out;
  out.reserve(text.size());
  if (!append_percent_decoded(out, text, plus)) return fail(Code::kMalformed, "a bad percent escape");
  return out;
}

Result<std::vector<QueryParam>> parse_query(std::string_view query) {
  std::vector<QueryParam> params;
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), part.size() + 1));
    if (part.empty()) continue;
    if (params.size() == kMaxQueryParams) return fail(Code::kMalformed, "too many query parameters");
    const size_t equals = part.find('=');
    QueryParam& param = params.emplace_back();
    param.has_value = equals != std::string_view::npos;
    if (!append_percent_decoded(param.name, part.substr(0, equals), Plus::kSpace) ||
        (param.has_value && !append_percent_decoded(param.value, part.substr(equals + 1), Plus::kSpace))) {
      return fail(Code::kMalformed, "a bad percent escape in the query");
    }
  }
  return params;
}

const QueryParam* find_query_param(std::span<const QueryParam> params, std::string_view name) noexcept {
  for (const QueryParam& param : params) {
    if (param.name == name) return &param;
  }
  return nullptr;
}

}  // namespace tp::wire
