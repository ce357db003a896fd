#include "wire/http/head_parser.h"

#include <cstring>

#include "wire/http/head_reader.h"

namespace tp::wire {

Result<bool> HeadParser::may_be_complete(BytesView buffer) {
  if (seen_ == 0) return true;  // most heads arrive whole: parse at once
  // Look at the new bytes only, and parse again only once they hold an end of head.
  for (size_t from = seen_; from < buffer.size();) {
    const void* found = std::memchr(buffer.data() + from, '\n', buffer.size() - from);
    if (found == nullptr) break;
    const auto at = static_cast<size_t>(static_cast<const char*>(found) - buffer.data());
    if (at == 0 || buffer[at - 1] != '\r') {
      return http_fail(HttpReason::kBadRequest, "a line does not end in CRLF");
    }
    if (at >= 2 && buffer[at - 2] == '\n') return true;
    from = at + 1;
  }
  return false;
}

namespace {

Error too_large(BytesView buffer) {
  const bool in_first_line = std::memchr(buffer.data(), '\n', buffer.size()) == nullptr;
  return in_first_line ? http_fail(HttpReason::kUriTooLong, "the request line is too long").error()
                       : http_fail(HttpReason::kHeadersTooLarge, "the message head is too large").error();
}

}  // namespace

Result<HeadStatus> HeadParser::parse_request(BytesView buffer, RequestHead& head) {
  TP_TRY(const bool worth_parsing, may_be_complete(buffer));
  if (worth_parsing) {
    head.clear();
    HeadReader reader(buffer.substr(0, limits_.max_head_bytes), limits_);
    const HeadReader::Status status = reader.request(head);
    if (status == HeadReader::Status::kBad) return http_fail(reader.reason(), reader.message());
    if (status == HeadReader::Status::kOk) {
      seen_ = 0;
      return HeadStatus::kComplete;
    }
  }
  if (buffer.size() >= limits_.max_head_bytes) return std::unexpected(too_large(buffer));
  // Beyond the target's limit the first line must have ended; the method and the version add less than 64 bytes.
  if (buffer.size() > limits_.max_target_bytes + 64 &&
      std::memchr(buffer.data(), '\n', limits_.max_target_bytes + 64) == nullptr) {
    return http_fail(HttpReason::kUriTooLong, "the request target is too long");
  }
  seen_ = buffer.size();
  return HeadStatus::kNeedMore;
}

Result<HeadStatus> HeadParser::parse_response(BytesView buffer, ResponseHead& head) {
  TP_TRY(const bool worth_parsing, may_be_complete(buffer));
  if (worth_parsing) {
    head.clear();
    HeadReader reader(buffer.substr(0, limits_.max_head_bytes), limits_);
    const HeadReader::Status status = reader.response(head);
    if (status == HeadReader::Status::kBad) return http_fail(reader.reason(), reader.message());
    if (status == HeadReader::Status::kOk) {
      seen_ = 0;
      return HeadStatus::kComplete;
    }
  }
  if (buffer.size() >= limits_.max_head_bytes) {
    return http_fail(HttpReason::kHeadersTooLarge, "the message head is too large");
  }
  seen_ = buffer.size();
  return HeadStatus::kNeedMore;
}

}  // namespace tp::wire
