// FieldWriter: writes a record's value: a version byte, then tagged fields. A tag is varint(number << 3 | type) with
// the types of the Protocol Buffers wire format, so that a reader can skip what it does not know. Format:
// docs/formats/records.md.
#pragma once

#include <cstdint>
#include <utility>

#include "base/bytes.h"

namespace tp::meta {

enum class FieldType : uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2 };

class FieldWriter {
 public:
  /// A message inside another has no version of its own.
  FieldWriter() = default;
  FieldWriter(uint8_t version, size_t size_hint) {
    out_.reserve(size_hint);
    out_.push_back(static_cast<char>(version));
  }

  /// A zero is left out: a reader takes a field that is not there for zero.
  void varint(uint32_t number, uint64_t value) {
    if (value == 0) return;
    tag(number, FieldType::kVarint);
    raw_varint(value);
  }
  void fixed64(uint32_t number, uint64_t value) {
    if (value != 0) fixed64_always(number, value);
  }
  void fixed64_always(uint32_t number, uint64_t value) {
    tag(number, FieldType::kFixed64);
    append_be(out_, value);
  }
  /// Nothing is written for an empty string.
  void bytes(uint32_t number, BytesView value) {
    if (!value.empty()) element(number, value);
  }
  /// One of a repeated field: written also if empty.
  void element(uint32_t number, BytesView value) {
    tag(number, FieldType::kBytes);
    raw_varint(value.size());
    out_.append(value);
  }
  void message(uint32_t number, const FieldWriter& inner) { element(number, inner.out_); }

  /// Parts of a packed field.
  void raw_varint(uint64_t value) {
    while (value >= 0x80) {
      out_.push_back(static_cast<char>(value | 0x80));
      value >>= 7;
    }
    out_.push_back(static_cast<char>(value));
  }
  void raw_bytes(BytesView value) { out_.append(value); }

  const Bytes& view() const { return out_; }
  Bytes take() { return std::move(out_); }

 private:
  void tag(uint32_t number, FieldType type) { raw_varint(uint64_t{number} << 3 | static_cast<uint8_t>(type)); }

  Bytes out_;
};

}  // namespace tp::meta
