// XdrWriter: appends XDR items to bytes that it owns. Spec: RFC 4506 §4.
#pragma once

#include <cstdint>
#include <utility>

#include "base/bytes.h"

namespace tp::wire {

/// How many zero bytes pad `size` to a multiple of four.
constexpr size_t xdr_padding(size_t size) { return (4 - size % 4) % 4; }

class XdrWriter {
 public:
  void u32(uint32_t value) { append_be(bytes_, value); }
  void u64(uint64_t value) { append_be(bytes_, value); }
  void i64(int64_t value) { append_be(bytes_, static_cast<uint64_t>(value)); }
  void boolean(bool value) { u32(value ? 1 : 0); }
  /// Variable-length opaque or string: length, bytes, padding.
  void opaque(BytesView value) {
    u32(static_cast<uint32_t>(value.size()));
    fixed(value);
  }
  void fixed(BytesView value) {
    bytes_.append(value);
    bytes_.append(xdr_padding(value.size()), '\0');
  }
  /// Bytes that are XDR already, or padding for what is sent from elsewhere.
  void raw(BytesView bytes) { bytes_.append(bytes); }
  /// Writes four bytes now whose value is known later.
  size_t reserve_u32() {
    u32(0);
    return bytes_.size() - 4;
  }
  void set_u32(size_t at, uint32_t value) { put_be(bytes_.data() + at, value); }

  void reserve(size_t capacity) { bytes_.reserve(capacity); }
  size_t size() const { return bytes_.size(); }
  /// Back to an earlier size: what did not fit.
  void truncate(size_t size) { bytes_.resize(size); }
  BytesView view() const { return bytes_; }
  Bytes take() { return std::move(bytes_); }

 private:
  Bytes bytes_;
};

}  // namespace tp::wire
