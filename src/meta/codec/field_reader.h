// FieldReader: walks the tagged fields that FieldWriter writes. Nothing in the bytes is believed: whatever does not
// parse, has another type than asked for or is out of range makes the reader bad, and finish() says so. Unknown fields
// are skipped.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "meta/codec/field_writer.h"

namespace tp::meta {

class FieldReader {
 public:
  /// A message inside another.
  explicit FieldReader(BytesView bytes) : rest_(bytes) {}
  /// A value; bad if its version byte is not `version`.
  FieldReader(BytesView bytes, uint8_t version);

  /// Moves to the next field; false at the end and if the reader is bad.
  bool next();
  uint32_t number() const { return number_; }

  /// The field at hand. A wrong type or a number above `most` makes the reader bad and yields zero or nothing.
  uint64_t varint(uint64_t most = UINT64_MAX);
  bool boolean() { return varint(1) != 0; }
  uint64_t fixed64();
  BytesView bytes(size_t most = SIZE_MAX);
  template <class Enum>
  Enum enumeration(Enum least, Enum most) {
    const uint64_t value = varint(static_cast<uint64_t>(most));
    if (value < static_cast<uint64_t>(least)) fail_here();
    return static_cast<Enum>(value);
  }

  /// Parts of a packed field, from a reader over its bytes.
  uint64_t raw_varint(uint64_t most = UINT64_MAX);
  BytesView raw_bytes(size_t size);
  bool at_end() const { return rest_.empty(); }

  bool good() const { return good_; }
  void fail_here() {
    good_ = false;
    rest_ = {};
  }
  /// Takes over what went wrong in a reader of a part.
  void require(bool condition) {
    if (!condition) fail_here();
  }
  /// kCorruption, naming the record, unless everything parsed.
  Result<void> finish(const char* record) const;

 private:
  BytesView rest_;
  bool good_ = true;
  FieldType type_ = FieldType::kVarint;
  uint32_t number_ = 0;
  uint64_t integer_ = 0;
  BytesView bytes_;
};

}  // namespace tp::meta
