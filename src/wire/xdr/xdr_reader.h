// XdrReader: takes XDR items off a view, one after another. Nothing in the bytes is believed: what does not fit makes
// the reader bad, every later item is zero or empty, and ok() says so at the end. Spec: RFC 4506 §4.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"

namespace tp::wire {

class XdrReader {
 public:
  explicit XdrReader(BytesView bytes) : bytes_(bytes) {}

  uint32_t u32();
  uint64_t u64();
  int64_t i64() { return static_cast<int64_t>(u64()); }
  /// 0 or 1; anything else is bad.
  bool boolean();
  /// Variable-length opaque or string of at most `most` bytes, with its padding (whose bytes are not looked at).
  BytesView opaque(size_t most);
  /// Fixed-length opaque.
  BytesView fixed(size_t size);
  /// A count of array elements, at most `most`.
  uint32_t count(uint32_t most);

  bool good() const { return good_; }
  void fail_here() {
    good_ = false;
    position_ = bytes_.size();
  }
  size_t position() const { return position_; }
  BytesView rest() const { return bytes_.substr(position_); }
  bool at_end() const { return position_ == bytes_.size(); }
  /// kMalformed unless everything so far parsed.
  Result<void> status(const char* what) const;

 private:
  bool take(size_t size, const char** out);

  BytesView bytes_;
  size_t position_ = 0;
  bool good_ = true;
};

}  // namespace tp::wire
