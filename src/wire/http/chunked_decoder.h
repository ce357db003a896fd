// ChunkedDecoder: takes the HTTP/1.1 chunked coding off a body, in input of any split, without copying the payload.
// Invariant: holds no payload; memory is constant. Trailer fields are checked for syntax and dropped (no S3 client puts
// meaning there). Bounds: a chunk line 4 KiB, the trailer section 16 KiB. Spec: RFC 9112 §7.1.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"

namespace tp::wire {

class ChunkedDecoder {
 public:
  struct Step {
    size_t consumed_bytes = 0;  // bytes of the input that are dealt with, the payload's included
    BytesView payload;          // a view into the input; empty when this step found none
    bool done = false;          // the last chunk and the trailer section have ended: what follows is the next message
  };
  struct InPlace {
    size_t consumed_bytes = 0;
    size_t payload_bytes = 0;   // payload now at the front of the buffer
    bool done = false;
  };

  /// Decodes up to the end of one piece of payload. Consumes all of `in` when it returns no payload and is not done.
  Result<Step> next(BytesView in);
  /// Decodes all of `in` and moves the payload to its front; stops early only when done.
  Result<InPlace> decode_in_place(MutableBytes in);

  bool done() const noexcept { return state_ == State::kDone; }
  /// Payload bytes still to come of the chunk being read: the next that many bytes of input are payload.
  uint64_t chunk_remaining() const noexcept { return state_ == State::kData ? remaining_ : 0; }

 private:
  enum class State : uint8_t {
    kSizeStart,     // the first digit of a chunk's size
    kSize,
    kSizeSpace,     // white space after the size
    kExtension,
    kSizeLf,
    kData,
    kDataCr,        // the CR after a chunk's data
    kDataLf,
    kTrailerStart,  // at the start of a trailer line
    kTrailerName,
    kTrailerValue,
    kTrailerLf,
    kEndLf,         // the last LF of the body
    kDone,
  };

  /// Takes one byte outside a chunk's data; what is wrong with it, or null.
  const char* control_byte(char c) noexcept;
  const char* size_line_byte(char c) noexcept;
  const char* trailer_byte(char c) noexcept;

  State state_ = State::kSizeStart;
  uint64_t remaining_ = 0;     // bytes of the chunk being read
  size_t line_bytes_ = 0;      // of the chunk line being read
  size_t trailer_bytes_ = 0;
};

}  // namespace tp::wire
