// ResponseHeadWriter and RequestHeadWriter append a message head to a buffer that the caller reuses.
// Invariant: whatever the arguments, the head has the lines that were asked for and no others: control bytes in a value
// become spaces, a field whose name is no token is left out. Spec: RFC 9112 §3, §4, §5.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"

namespace tp::wire {

/// The standard reason phrase (RFC 9110 §15): "OK" for 200; "Unknown" for a status without one.
std::string_view reason_phrase(int status) noexcept;

/// What both writers share: the fields and the end of the head.
class FieldWriter {
 public:
  void header(std::string_view name, std::string_view value);
  void header(std::string_view name, uint64_t value);
  /// Ends the head. Nothing is written after it.
  void finish() { out_->append("\r\n", 2); }

 protected:
  explicit FieldWriter(Bytes& out) noexcept : out_(&out) {}
  Bytes* out_;
};

class ResponseHeadWriter : public FieldWriter {
 public:
  /// Writes the status line. `out` outlives the writer and is only appended to.
  ResponseHeadWriter(Bytes& out, int status);
};

class RequestHeadWriter : public FieldWriter {
 public:
  /// Writes the request line. Bytes of `target` that cannot stand there (spaces, control bytes) are percent-encoded.
  RequestHeadWriter(Bytes& out, std::string_view method, std::string_view target);
};

}  // namespace tp::wire
