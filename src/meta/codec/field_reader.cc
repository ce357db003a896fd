#include "meta/codec/field_reader.h"

namespace tp::meta {

namespace {
constexpr uint64_t kMaxFieldNumber = 1 << 20;
}

FieldReader::FieldReader(BytesView bytes, uint8_t version) : rest_(bytes) {
  if (bytes.empty() || static_cast<uint8_t>(bytes[0]) != version) {
    fail_here();
  } else {
    rest_.remove_prefix(1);
  }
}

bool FieldReader::next() {
  if (rest_.empty()) return false;
  const uint64_t tag = raw_varint(kMaxFieldNumber << 3 | 7);
  number_ = static_cast<uint32_t>(tag >> 3);
  if (number_ == 0) fail_here();
  switch (tag & 7) {
    case static_cast<uint64_t>(FieldType::kVarint):
      type_ = FieldType::kVarint;
      integer_ = raw_varint();
      break;
    case static_cast<uint64_t>(FieldType::kFixed64): {
      type_ = FieldType::kFixed64;
      const BytesView raw = raw_bytes(8);
      integer_ = raw.size() == 8 ? get_be<uint64_t>(raw.data()) : 0;
      break;
    }
    case static_cast<uint64_t>(FieldType::kBytes):
      type_ = FieldType::kBytes;
      bytes_ = raw_bytes(raw_varint());
      break;
    default:
      fail_here();
  }
  return good_;
}

uint64_t FieldReader::varint(uint64_t most) {
  if (type_ != FieldType::kVarint || integer_ > most) {
    fail_here();
    return 0;
  }
  return integer_;
}

uint64_t FieldReader::fixed64() {
  if (type_ != FieldType::kFixed64) {
    fail_here();
    return 0;
  }
  return integer_;
}

BytesView FieldReader::bytes(size_t most) {
  if (type_ != FieldType::kBytes || bytes_.size() > most) {
    fail_here();
    return {};
  }
  return bytes_;
}

uint64_t FieldReader::raw_varint(uint64_t most) {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
    const auto byte = static_cast<uint8_t>(rest_[0]);
    rest_.remove_prefix(1);
    if (shift == 63 && byte > 1) break;  // beyond 64 bits
    value |= uint64_t{byte & 0x7fu} << shift;
    if (byte >= 0x80) continue;
    // Each number has one encoding: a last byte of zero says nothing.
    if ((byte == 0 && shift != 0) || value > most) break;
    return value;
  }
  fail_here();
  return 0;
}

BytesView FieldReader::raw_bytes(size_t size) {
  if (size > rest_.size()) {
    fail_here();
    return {};
  }
  const BytesView taken = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return taken;
}

Result<void> FieldReader::finish(const char* record) const {
  if (!good_) return fail(Code::kCorruption, std::string("a stored ") + record + " does not parse");
  return ok;
}

}  // namespace tp::meta
