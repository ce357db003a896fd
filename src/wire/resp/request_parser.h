// RequestParser: one RESP request at a time out of a buffer that its owner keeps, in any split. It keeps offsets and
// never bytes, so that the buffer may move; a long bulk string can be taken straight to where it belongs. Bounded:
// arguments, bytes of a bulk string, bytes of a request, bytes of an inline request. After an error the stream cannot
// be followed any further. Spec: the RESP specification ("Sending commands", "Inline commands"); errors as Redis 7.0.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace tp::wire {

struct RespLimits {
  size_t max_arguments = 1 << 20;
  size_t max_bulk_bytes = 512ull << 20;
  size_t max_request_bytes = 64 << 20;  // without what is taken as values; below 4 GiB
  size_t max_values_bytes = 1ull << 30;  // of a request, altogether
  size_t max_inline_bytes = 64 << 10;   // also of the line that a header stands in
  size_t value_bytes = 32 << 10;        // a bulk string from here on, not yet whole in the buffer, is taken as a value
  size_t stranger_arguments = 10;       // of who has not authenticated yet
  size_t stranger_bulk_bytes = 16 << 10;
};

class RequestParser {
 public:
  explicit RequestParser(const RespLimits& limits) : limits_(limits) {}

  enum class Step : uint8_t {
    kMore,     // the request goes on beyond the input
    kRequest,  // complete: count(), argument(), size()
    kNothing,  // an empty request of size() bytes, which wants no reply
    kValue,    // an argument of value_size() bytes follows position(): see below
    kError,    // error()
  };
  /// `input` begins with the request's first byte: all that was there before, and perhaps more. `trusted`: the client
  /// has authenticated.
  Step parse(BytesView input, bool trusted);

  /// After kRequest and kNothing: the bytes to remove from the buffer before the next parse().
  size_t size() const { return position_; }
  size_t count() const { return arguments_.size(); }

  struct Argument {
    uint32_t offset = 0, size = 0;
    bool is_value = false;  // then `offset` is the number of the value
  };
  const Argument& argument(size_t index) const { return arguments_[index]; }
  /// Of an argument that is no value; the view is into `input` (or the parser, for an inline request).
  BytesView view(const Argument& argument, BytesView input) const {
    return (inline_ ? BytesView(inline_bytes_) : input).substr(argument.offset, argument.size);
  }

  /// With kValue: the owner takes the bytes of the input from position() on, and more from the socket, until it has
  /// value_size() of them; then cuts its buffer to position() bytes, calls value_taken(), and goes on with parse().
  size_t position() const { return position_; }
  size_t value_size() const { return bulk_size_; }
  size_t value_index() const { return values_; }
  void value_taken();

  /// "Protocol error: ..."
  const std::string& error() const { return error_; }

 private:
  enum class Stage : uint8_t { kBegin, kBulkHead, kBulk, kBulkEnd };
  enum class Line : uint8_t { kMore, kNumber, kNoNumber, kTooLong };

  Step fail_with(std::string text);
  Line read_line(BytesView input, int64_t* number, size_t* next) const;
  Step parse_inline(BytesView input);
  Step parse_count(BytesView input, bool trusted);
  Step parse_bulks(BytesView input, bool trusted);
  bool read_bulk_head(BytesView input, bool trusted, Step* step);
  bool read_bulk(BytesView input, Step* step);
  bool split_inline(BytesView line);

  const RespLimits limits_;
  Stage stage_ = Stage::kBegin;
  bool done_ = false;  // the last step ended a request: the next call begins one
  bool inline_ = false;
  size_t position_ = 0;
  size_t left_ = 0;       // arguments still to come
  size_t bulk_size_ = 0;  // of the one that comes next
  size_t values_ = 0;
  size_t values_bytes_ = 0;
  std::vector<Argument> arguments_;
  Bytes inline_bytes_;
  std::string error_;
};

}  // namespace tp::wire
