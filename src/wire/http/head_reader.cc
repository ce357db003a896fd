#include "wire/http/head_reader.h"

#include <algorithm>
#include <limits>

#include "wire/http/byte_scan.h"

namespace tp::wire {

namespace {

constexpr size_t kMaxMethodBytes = 32;
constexpr size_t kMaxBlankLines = 4;

HttpMethod method_of(std::string_view text) noexcept {
  switch (text.size()) {
    case 3: return text == "GET" ? HttpMethod::kGet : text == "PUT" ? HttpMethod::kPut : HttpMethod::kOther;
    case 4: return text == "HEAD" ? HttpMethod::kHead : text == "POST" ? HttpMethod::kPost : HttpMethod::kOther;
    case 5: return text == "PATCH" ? HttpMethod::kPatch : HttpMethod::kOther;
    case 6: return text == "DELETE" ? HttpMethod::kDelete : HttpMethod::kOther;
    case 7: return text == "OPTIONS" ? HttpMethod::kOptions : HttpMethod::kOther;
    default: return HttpMethod::kOther;
  }
}

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// What a Host field or an authority may not hold: bytes that would end it in a URI, user information, white space.
bool is_host(std::string_view host) noexcept {
  return host.find_first_of("/?#@\\ \t,\"<>") == std::string_view::npos;
}

}  // namespace

HeadReader::Status HeadReader::blank_lines() {
  // RFC 9112 §2.2: a server should ignore an empty line before the request line.
  for (size_t lines = 0; at_ < end_ && *at_ == '\r'; ++lines) {
    if (end_ - at_ < 2) return Status::kMore;
    if (at_[1] != '\n' || lines == kMaxBlankLines) return bad(HttpReason::kBadRequest, "no request line");
    at_ += 2;
  }
  return Status::kOk;
}

HeadReader::Status HeadReader::line_end() {
  if (at_ == end_) return Status::kMore;
  if (*at_ != '\r') return bad(HttpReason::kBadRequest, "a line does not end in CRLF");
  if (end_ - at_ < 2) return Status::kMore;
  if (at_[1] != '\n') return bad(HttpReason::kBadRequest, "a CR without LF");
  at_ += 2;
  return Status::kOk;
}

HeadReader::Status HeadReader::method(RequestHead& head) {
  const char* method_end = skip_token(at_, end_);
  const auto size = static_cast<size_t>(method_end - at_);
  if (size > kMaxMethodBytes) return bad(HttpReason::kBadRequest, "the method is too long");
  if (method_end == end_) return Status::kMore;
  if (size == 0 || *method_end != ' ') return bad(HttpReason::kBadRequest, "no method");
  head.method_text = {at_, size};
  head.method = method_of(head.method_text);
  at_ = method_end + 1;
  return Status::kOk;
}

HeadReader::Status HeadReader::target(RequestHead& head) {
  const char* target_end = skip_target(at_, end_);
  const auto size = static_cast<size_t>(target_end - at_);
  if (size > limits_.max_target_bytes) return bad(HttpReason::kUriTooLong, "the request target is too long");
  if (target_end == end_) return Status::kMore;
  if (size == 0 || *target_end != ' ') return bad(HttpReason::kBadRequest, "a bad byte in the request target");
  head.target = {at_, size};
  at_ = target_end + 1;
  return split_target(head);
}

HeadReader::Status HeadReader::split_target(RequestHead& head) {
  std::string_view rest = head.target;
  if (rest == "*") {
    head.path = rest;
    return Status::kOk;
  }
  if (rest.front() != '/') {
    const size_t scheme = starts_with_ignoring_case(rest, "http://") ? 7
                          : starts_with_ignoring_case(rest, "https://") ? 8 : 0;
    if (scheme == 0) return bad(HttpReason::kBadRequest, "the request target is no path");
    rest.remove_prefix(scheme);
    const size_t authority = std::min(rest.find_first_of("/?"), rest.size());
    head.host = rest.substr(0, authority);
    if (head.host.empty() || !is_host(head.host)) return bad(HttpReason::kBadRequest, "a bad host in the target");
    rest.remove_prefix(authority);
  }
  const size_t mark = rest.find('?');
  head.path = rest.substr(0, mark);
  if (head.path.empty()) head.path = "/";
  head.has_query = mark != std::string_view::npos;
  if (head.has_query) head.query = rest.substr(mark + 1);
  return Status::kOk;
}

HeadReader::Status HeadReader::match(std::string_view pattern, const char* message) {
  const std::string_view rest(at_, static_cast<size_t>(end_ - at_));
  for (size_t i = 0; i < std::min(rest.size(), pattern.size()); ++i) {
    if (pattern[i] == '0' ? !is_digit(rest[i]) : rest[i] != pattern[i]) return bad(HttpReason::kBadRequest, message);
  }
  if (rest.size() < pattern.size()) return Status::kMore;
  at_ += pattern.size();
  return Status::kOk;
}

HeadReader::Status HeadReader::version(bool* http_1_0) {
  const char* text = at_;
  if (const Status status = match("HTTP/0.0", "no HTTP version"); status != Status::kOk) return status;
  if (text[5] != '1') return bad(HttpReason::kVersionNotSupported, "only HTTP/1.1 and HTTP/1.0 are spoken here");
  *http_1_0 = text[7] == '0';  // a higher minor version is answered as 1.1 (RFC 9110 §2.5)
  return Status::kOk;
}

HeadReader::Status HeadReader::fields(HeaderList& headers) {
  for (;;) {
    if (at_ == end_) return Status::kMore;
    if (*at_ == '\r') return line_end();
    const char* name_end = skip_token(at_, end_);
    if (name_end == end_) return Status::kMore;
    if (name_end == at_ || *name_end != ':') return bad(HttpReason::kBadRequest, "a bad header name or a folded line");
    const char* value = name_end + 1;
    while (value < end_ && (*value == ' ' || *value == '\t')) ++value;
    const char* value_end = skip_value(value, end_);
    const std::string_view name(at_, static_cast<size_t>(name_end - at_));
    std::string_view text(value, static_cast<size_t>(value_end - value));
    at_ = value_end;
    if (const Status status = line_end(); status != Status::kOk) return status;
    if (headers.size() == limits_.max_headers) return bad(HttpReason::kHeadersTooLarge, "too many headers");
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    headers.push_back({name, text});
  }
}

HeadReader::Status HeadReader::content_length(std::string_view value, Framing* out) {
  if (out->content_length) return bad(HttpReason::kBadContentLength, "more than one Content-Length");
  if (value.empty() || value.size() > 19) return bad(HttpReason::kBadContentLength, "a bad Content-Length");
  uint64_t length = 0;
  for (const char c : value) {
    if (!is_digit(c)) return bad(HttpReason::kBadContentLength, "a bad Content-Length");
    length = length * 10 + static_cast<uint64_t>(c - '0');
  }
  if (length > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
    return bad(HttpReason::kBadContentLength, "a bad Content-Length");
  }
  out->content_length = length;
  return Status::kOk;
}

HeadReader::Status HeadReader::transfer_encoding(std::string_view value, bool http_1_0, Framing* out) {
  if (http_1_0) return bad(HttpReason::kConflictingFraming, "Transfer-Encoding in HTTP/1.0");
  if (out->chunked) return bad(HttpReason::kConflictingFraming, "more than one Transfer-Encoding");
  if (!equal_ignoring_case(value, "chunked")) {
    return bad(HttpReason::kBadTransferEncoding, "a transfer coding other than chunked");
  }
  out->chunked = true;
  return Status::kOk;
}

HeadReader::Status HeadReader::known_field(const HeaderField& field, bool http_1_0, Framing* out) {
  switch (field.name.size()) {
    case 4:
      if (!equal_ignoring_case(field.name, "host")) return Status::kOk;
      if (out->host) return bad(HttpReason::kBadRequest, "more than one Host");
      if (!is_host(field.value)) return bad(HttpReason::kBadRequest, "a bad Host");
      out->host = field.value;
      return Status::kOk;
    case 6:
      if (equal_ignoring_case(field.name, "expect")) {
        out->expect_continue = equal_ignoring_case(field.value, "100-continue");
      }
      return Status::kOk;
    case 10:
      if (!equal_ignoring_case(field.name, "connection")) return Status::kOk;
      out->close = out->close || list_has_token(field.value, "close");
      out->keep_alive = out->keep_alive || list_has_token(field.value, "keep-alive");
      return Status::kOk;
    case 14:
      return equal_ignoring_case(field.name, "content-length") ? content_length(field.value, out) : Status::kOk;
    case 17:
      return equal_ignoring_case(field.name, "transfer-encoding") ? transfer_encoding(field.value, http_1_0, out)
                                                                  : Status::kOk;
    default: return Status::kOk;
  }
}

HeadReader::Status HeadReader::framing(const HeaderList& headers, bool http_1_0, Framing* out) {
  for (const HeaderField& field : headers) {
    if (const Status status = known_field(field, http_1_0, out); status != Status::kOk) return status;
  }
  if (out->chunked && out->content_length) {
    return bad(HttpReason::kConflictingFraming, "both Transfer-Encoding and Content-Length");
  }
  return Status::kOk;
}

HeadReader::Status HeadReader::request(RequestHead& head) {
  Framing framed;
  if (const Status s = blank_lines(); s != Status::kOk) return s;
  if (const Status s = method(head); s != Status::kOk) return s;
  if (const Status s = target(head); s != Status::kOk) return s;
  if (const Status s = version(&head.http_1_0); s != Status::kOk) return s;
  if (const Status s = line_end(); s != Status::kOk) return s;
  if (const Status s = fields(head.headers); s != Status::kOk) return s;
  if (const Status s = framing(head.headers, head.http_1_0, &framed); s != Status::kOk) return s;
  if (!framed.host && !head.http_1_0) return bad(HttpReason::kBadRequest, "no Host");
  if (head.host.empty()) head.host = framed.host.value_or(std::string_view());
  head.content_length = framed.content_length;
  head.chunked = framed.chunked;
  head.keep_alive = !framed.close && (!head.http_1_0 || framed.keep_alive);
  head.expect_continue = framed.expect_continue && !head.http_1_0;
  head.head_bytes = head_bytes();
  return Status::kOk;
}

HeadReader::Status HeadReader::response(ResponseHead& head) {
  Framing framed;
  if (const Status s = version(&head.http_1_0); s != Status::kOk) return s;
  const char* text = at_;
  if (const Status s = match(" 000", "no status"); s != Status::kOk) return s;
  head.status = (text[1] - '0') * 100 + (text[2] - '0') * 10 + (text[3] - '0');
  if (head.status < 100) return bad(HttpReason::kBadRequest, "no status");
  const char* reason = at_;
  at_ = skip_value(at_, end_);
  head.reason = {reason, static_cast<size_t>(at_ - reason)};
  if (!head.reason.empty() && head.reason.front() != ' ') return bad(HttpReason::kBadRequest, "no status");
  if (!head.reason.empty()) head.reason.remove_prefix(1);
  if (const Status s = line_end(); s != Status::kOk) return s;
  if (const Status s = fields(head.headers); s != Status::kOk) return s;
  if (const Status s = framing(head.headers, head.http_1_0, &framed); s != Status::kOk) return s;
  head.content_length = framed.content_length;
  head.chunked = framed.chunked;
  head.keep_alive = !framed.close && (!head.http_1_0 || framed.keep_alive);
  head.head_bytes = head_bytes();
  return Status::kOk;
}

}  // namespace tp::wire
