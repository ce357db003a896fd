// HeadReader: the cursor behind HeadParser: reads the pieces of a message head and remembers the first thing wrong.
// Internal to wire/http. Invariant: `at` never passes `end`; kMore means that the buffer ended before a decision.
#pragma once

#include <optional>
#include <string_view>

#include "wire/http/head_parser.h"

namespace tp::wire {

class HeadReader {
 public:
  enum class Status : uint8_t { kOk, kMore, kBad };

  HeadReader(BytesView buffer, const HeadLimits& limits) noexcept
      : begin_(buffer.data()), at_(buffer.data()), end_(buffer.data() + buffer.size()), limits_(limits) {}

  Status request(RequestHead& head);
  Status response(ResponseHead& head);

  HttpReason reason() const noexcept { return reason_; }
  const char* message() const noexcept { return message_; }

 private:
  /// What a message's fields say of its body and its connection.
  struct Framing {
    std::optional<uint64_t> content_length;
    std::optional<std::string_view> host;
    bool chunked = false;
    bool close = false;
    bool keep_alive = false;
    bool expect_continue = false;
  };

  Status bad(HttpReason reason, const char* message) noexcept {
    reason_ = reason;
    message_ = message;
    return Status::kBad;
  }
  Status blank_lines();
  Status method(RequestHead& head);
  Status target(RequestHead& head);
  Status split_target(RequestHead& head);
  /// Takes `pattern`, in which 0 stands for any digit.
  Status match(std::string_view pattern, const char* message);
  Status version(bool* http_1_0);
  Status line_end();
  Status fields(HeaderList& headers);
  Status framing(const HeaderList& headers, bool http_1_0, Framing* out);
  Status known_field(const HeaderField& field, bool http_1_0, Framing* out);
  Status content_length(std::string_view value, Framing* out);
  Status transfer_encoding(std::string_view value, bool http_1_0, Framing* out);
  size_t head_bytes() const noexcept { return static_cast<size_t>(at_ - begin_); }

  const char* begin_;
  const char* at_;
  const char* end_;
  const HeadLimits& limits_;
  HttpReason reason_ = HttpReason::kBadRequest;
  const char* message_ = "";
};

}  // namespace tp::wire
