#include "wire/aws/canonical_request.h"

#include <algorithm>
#include <vector>

#include "wire/text/uri.h"

namespace tp::wire {

namespace {

constexpr std::string_view kSignatureParam = "X-Amz-Signature";

/// Where one encoded parameter lies in the scratch text.
struct EncodedParam {
  std::string_view name;
  std::string_view value;
};

bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }

/// The value trimmed, with each run of white space as one space.
void append_canonical_value(Bytes& out, std::string_view value) {
  while (!value.empty() && is_blank(value.front())) value.remove_prefix(1);
  while (!value.empty() && is_blank(value.back())) value.remove_suffix(1);
  size_t plain = 0;
  for (size_t i = 0; i + 1 < value.size(); ++i) {
    if (!is_blank(value[i]) || (value[i] == ' ' && !is_blank(value[i + 1]))) continue;
    out.append(value.data() + plain, i - plain);
    out += ' ';
    while (is_blank(value[i + 1])) ++i;  // the last byte is no blank
    plain = i + 1;
  }
  out.append(value.data() + plain, value.size() - plain);
}

void append_canonical_header(Bytes& out, std::span<const HeaderField> headers, std::string_view name) {
  out.append(name);
  out += ':';
  bool first = true;
  for (const HeaderField& field : headers) {
    if (!equal_ignoring_case(field.name, name)) continue;
    if (!first) out += ',';
    first = false;
    append_canonical_value(out, field.value);
  }
  out += '\n';
}

/// Decodes `text` and encodes it again; `decoded` is scratch.
bool append_reencoded(Bytes& out, std::string_view text, Plus plus, Slash slash, Bytes& decoded) {
  decoded.clear();
  if (!append_percent_decoded(decoded, text, plus)) return false;
  append_percent_encoded(out, decoded, slash);
  return true;
}

}  // namespace

bool append_canonical_path(Bytes& out, std::string_view path) {
  Bytes decoded;
  if (path.empty()) path = "/";
  return append_reencoded(out, path, Plus::kLiteral, Slash::kKeep, decoded);
}

bool append_canonical_query(Bytes& out, std::string_view query) {
  if (query.empty()) return true;
  Bytes decoded;
  Bytes encoded;
  encoded.reserve(query.size() * 3);  // the most that encoding makes of it: the views below stay valid
  std::vector<EncodedParam> params;
  params.reserve(16);
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), part.size() + 1));
    if (part.empty()) continue;
    if (params.size() == kMaxQueryParams) return false;
    const size_t equals = part.find('=');
    const size_t name_at = encoded.size();
    if (!append_reencoded(encoded, part.substr(0, equals), Plus::kSpace, Slash::kEncode, decoded)) return false;
    const bool is_signature = decoded == kSignatureParam;
    const size_t value_at = encoded.size();
    const std::string_view value = equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1);
    if (!append_reencoded(encoded, value, Plus::kSpace, Slash::kEncode, decoded)) return false;
    if (is_signature) continue;
    params.push_back({std::string_view(encoded.data() + name_at, value_at - name_at),
                      std::string_view(encoded.data() + value_at, encoded.size() - value_at)});
  }
  std::sort(params.begin(), params.end(), [](const EncodedParam& a, const EncodedParam& b) {
    const int order = a.name.compare(b.name);
    return order != 0 ? order < 0 : a.value < b.value;
  });
  for (size_t i = 0; i < params.size(); ++i) {
    if (i > 0) out += '&';
    out.append(params[i].name);
    out += '=';
    out.append(params[i].value);
  }
  return true;
}

Result<void> append_canonical_request(Bytes& out, const SigV4Request& request, std::string_view signed_headers,
                                      std::string_view payload_hash) {
  out.append(request.method);
  out += '\n';
  if (!append_canonical_path(out, request.path)) return fail(Code::kMalformed, "a bad percent escape in the path");
  out += '\n';
  if (!append_canonical_query(out, request.query)) return fail(Code::kMalformed, "a bad query string");
  out += '\n';
  for (std::string_view rest = signed_headers; !rest.empty();) {
    const std::string_view name = rest.substr(0, rest.find(';'));
    append_canonical_header(out, request.headers, name);
    rest.remove_prefix(std::min(rest.size(), name.size() + 1));
  }
  out += '\n';
  out.append(signed_headers);
  out += '\n';
  out.append(payload_hash);
  return ok;
}

void append_string_to_sign(Bytes& out, std::string_view amz_date, std::string_view scope,
                           std::string_view canonical_request) {
  out.append("AWS4-HMAC-SHA256\n");
  out.append(amz_date);
  out += '\n';
  out.append(scope);
  out += '\n';
  out.append(as_text(hex_of(sha256(canonical_request))));
}

std::array<char, 64> hex_of(const Sha256Digest& digest) noexcept {
  constexpr char kHex[] = "0123456789abcdef";
  std::array<char, 64> hex;
  for (size_t i = 0; i < digest.size(); ++i) {
    const auto byte = static_cast<uint8_t>(digest[i]);
    hex[2 * i] = kHex[byte >> 4];
    hex[2 * i + 1] = kHex[byte & 15];
  }
  return hex;
}

bool is_signed(std::string_view signed_headers, std::string_view name) noexcept {
  while (!signed_headers.empty()) {
    const std::string_view element = signed_headers.substr(0, signed_headers.find(';'));
    if (equal_ignoring_case(element, name)) return true;
    signed_headers.remove_prefix(std::min(signed_headers.size(), element.size() + 1));
  }
  return false;
}

}  // namespace tp::wire
