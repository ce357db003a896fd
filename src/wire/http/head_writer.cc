#include "wire/http/head_writer.h"

#include <fmt/format.h>

#include "wire/http/byte_scan.h"

namespace tp::wire {

namespace {

constexpr char kUpperHex[] = "0123456789ABCDEF";

bool is_token(std::string_view text) noexcept {
  const char* end = text.data() + text.size();
  return !text.empty() && skip_token(text.data(), end) == end;
}

void append_value(Bytes& out, std::string_view value) {
  const char* end = value.data() + value.size();
  const char* at = value.data();
  for (;;) {
    const char* bad = skip_value(at, end);
    out.append(at, static_cast<size_t>(bad - at));
    if (bad == end) return;
    out += ' ';
    at = bad + 1;
  }
}

void append_target(Bytes& out, std::string_view target) {
  for (const char c : target) {
    if (is_target_char(c)) {
      out += c;
    } else {
      const auto byte = static_cast<uint8_t>(c);
      out += '%';
      out += kUpperHex[byte >> 4];
      out += kUpperHex[byte & 15];
    }
  }
}

}  // namespace

std::string_view reason_phrase(int status) noexcept {
  switch (status) {
    case 100: return "Continue";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 422: return "Unprocessable Content";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    case 507: return "Insufficient Storage";
    default: return "Unknown";
  }
}

void FieldWriter::header(std::string_view name, std::string_view value) {
  if (!is_token(name)) return;
  out_->append(name);
  out_->append(": ", 2);
  append_value(*out_, value);
  out_->append("\r\n", 2);
}

void FieldWriter::header(std::string_view name, uint64_t value) {
  const fmt::format_int digits(value);
  header(name, std::string_view(digits.data(), digits.size()));
}

ResponseHeadWriter::ResponseHeadWriter(Bytes& out, int status) : FieldWriter(out) {
  const fmt::format_int digits(status);
  out_->append("HTTP/1.1 ");
  out_->append(digits.data(), digits.size());
  *out_ += ' ';
  out_->append(reason_phrase(status));
  out_->append("\r\n", 2);
}

RequestHeadWriter::RequestHeadWriter(Bytes& out, std::string_view method, std::string_view target)
    : FieldWriter(out) {
  out_->append(is_token(method) ? method : std::string_view("GET"));
  *out_ += ' ';
  append_target(*out_, target.empty() ? std::string_view("/") : target);
  out_->append(" HTTP/1.1\r\n");
}

}  // namespace tp::wire
