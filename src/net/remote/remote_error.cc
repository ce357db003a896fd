#include "net/remote/remote_error.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "wire/text/xml_reader.h"

namespace tp::net {

namespace {

constexpr size_t kMaxCodeBytes = 64, kMaxMessageBytes = 300;
constexpr wire::XmlLimits kErrorXml = {.max_bytes = 64 << 10, .max_depth = 8, .max_nodes = 200};

/// The first line, cut, and nothing that a log or a terminal would mistake for something else.
std::string as_line(std::string text, size_t limit) {
  text = text.substr(0, text.find('\n'));
  if (text.size() > limit) text.resize(limit);
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f) c = '?';
  }
  return text;
}

Code code_of(int status, const ProviderError& said) {
  // Quotas come as 403 and 409: by their code alone.
  if (said.code == "QuotaExceeded" || said.code == "AccountLimitExceeded" || status == 507) return Code::kNoSpace;
  if (said.code == "RequestTimeout" || status == 408) return Code::kTimeout;
  if (status == 401 || status == 403) return Code::kPermissionDenied;
  if (status == 404) return Code::kNotFound;
  if (status == 409 || status == 412) return Code::kConflict;
  if (status == 416) return Code::kOutOfRange;
  if (status == 429 || status == 503) return Code::kBusy;
  if (status == 501) return Code::kNotImplemented;
  if (status >= 500) return Code::kUnavailable;
  return Code::kInvalidArgument;
}

struct ContentRange {
  uint64_t first = 0, last = 0;
};

bool take_number(std::string_view& text, uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return true;
}

/// "bytes 0-99/1000" or "bytes 0-99/*".
std::optional<ContentRange> parse_content_range(std::string_view text) {
  ContentRange range;
  if (!text.starts_with("bytes ")) return std::nullopt;
  text.remove_prefix(6);
  if (!take_number(text, range.first) || !text.starts_with('-')) return std::nullopt;
  text.remove_prefix(1);
  if (!take_number(text, range.last) || !text.starts_with('/') || range.last < range.first) return std::nullopt;
  return range;
}

}  // namespace

BytesView xml_text(BytesView body) {
  if (body.starts_with("\xef\xbb\xbf")) body.remove_prefix(3);
  return body;
}

ProviderError read_provider_error(const RemoteAnswer& answer) {
  ProviderError said;
  // Azure says it in a header too, which an answer to HEAD has as well.
  if (const auto code = answer.find_header("x-ms-error-code")) said.code = as_line(std::string(*code), kMaxCodeBytes);
  if (answer.body.empty()) return said;
  const auto document = wire::XmlDocument::parse(xml_text(answer.body), kErrorXml);
  if (!document) return said;
  wire::XmlNode error = document->root();
  if (error.name() != "Error") error = error.child("Error");
  if (!error) return said;
  if (std::string code = error.child_text("Code"); !code.empty()) said.code = as_line(std::move(code), kMaxCodeBytes);
  said.message = as_line(error.child_text("Message"), kMaxMessageBytes);
  return said;
}

Error error_of_answer(const RemoteAnswer& answer, std::string_view what) {
  const ProviderError said = read_provider_error(answer);
  std::string text(what);
  text += ": status " + std::to_string(answer.status);
  if (!said.code.empty()) text += " " + said.code;
  if (!said.message.empty()) text += ": " + said.message;
  if (answer.status >= 300 && answer.status < 400) {
    text += " (redirected: the endpoint or the region is not this bucket's)";
    if (const auto region = answer.find_header("x-amz-bucket-region")) {
      text += "; the bucket is in " + as_line(std::string(*region), kMaxCodeBytes);
    }
  }
  return Error(code_of(answer.status, said), std::move(text));
}

std::string range_header(uint64_t offset, uint64_t size_bytes) {
  return "bytes=" + std::to_string(offset) + "-" + std::to_string(offset + size_bytes - 1);
}

Result<Bytes> take_range(RemoteAnswer answer, uint64_t offset, uint64_t size_bytes, std::string_view what) {
  if (!answer.good()) return std::unexpected(error_of_answer(answer, what));
  const std::string name(what);
  const uint64_t got = answer.body.size();
  // As some answer a range that begins where the object ends.
  if (got == 0) return fail(Code::kOutOfRange, name + ": the object ends before the range");
  if (answer.status == 206) {
    const auto field = answer.find_header("content-range");
    const auto range = field ? parse_content_range(*field) : std::nullopt;
    if (!range || range->first != offset || range->last - range->first + 1 != got) {
      return fail(Code::kIo, name + ": the answer is not the range that was asked for");
    }
  } else if (answer.status != 200 || offset != 0 || got > size_bytes) {
    return fail(Code::kIo, name + ": the service does not answer ranges");
  }
  if (got > size_bytes) return fail(Code::kIo, name + ": the answer is longer than what was asked for");
  if (got < size_bytes) return fail(Code::kOutOfRange, name + ": the object ends before the range");
  return std::move(answer.body);
}

}  // namespace tp::net
