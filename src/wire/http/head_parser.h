// HeadParser: reads a request's or a response's head from a growing, contiguous buffer without copying it.
// Invariant: remembers how far earlier calls looked, so a sender of single bytes costs linear time. One parser serves
// one connection: it is ready for the next message after kComplete; after an error it is not used again.
// Strict where leniency lets two servers disagree (request smuggling): lines end in CRLF, no folded lines, no space
// before a colon, no control bytes, one Host, one framing. Spec: RFC 9112 §2.2, §3, §5, §6, §11.2.
#pragma once

#include <cstddef>

#include "base/bytes.h"
#include "base/result.h"
#include "wire/http/http_error.h"
#include "wire/http/request_head.h"
#include "wire/http/response_head.h"

namespace tp::wire {

struct HeadLimits {
  size_t max_head_bytes = 64 * 1024;
  size_t max_target_bytes = 16 * 1024;
  size_t max_headers = 256;
};

enum class HeadStatus : uint8_t { kNeedMore, kComplete };

class HeadParser {
 public:
  explicit HeadParser(HeadLimits limits = {}) noexcept : limits_(limits) {}

  /// `buffer` begins with the message's first byte and holds all bytes received so far (it may move between calls).
  /// kComplete: `head` is filled and head.head_bytes is set. kNeedMore: call again with more bytes; `head` has no
  /// meaning. Errors carry an HttpReason.
  Result<HeadStatus> parse_request(BytesView buffer, RequestHead& head);
  Result<HeadStatus> parse_response(BytesView buffer, ResponseHead& head);

  /// Whether bytes of an unfinished head were seen: a connection that closes now was cut off.
  bool in_head() const noexcept { return seen_ > 0; }
  void reset() noexcept { seen_ = 0; }

 private:
  Result<bool> may_be_complete(BytesView buffer);

  HeadLimits limits_;
  size_t seen_ = 0;  // bytes of an unfinished head that hold no end of head
};

}  // namespace tp::wire
