#include "wire/xdr/xdr_reader.h"

#include <string>

#include "wire/xdr/xdr_writer.h"

namespace tp::wire {

namespace {
// Of what is not there. Not a null view: callers may copy it without a look.
constexpr BytesView kNothing = "";
}  // namespace

bool XdrReader::take(size_t size, const char** out) {
  if (!good_ || bytes_.size() - position_ < size) {
    fail_here();
    return false;
  }
  *out = bytes_.data() + position_;
  position_ += size;
  return true;
}

uint32_t XdrReader::u32() {
  const char* at = nullptr;
  return take(4, &at) ? get_be<uint32_t>(at) : 0;
}

uint64_t XdrReader::u64() {
  const char* at = nullptr;
  return take(8, &at) ? get_be<uint64_t>(at) : 0;
}

bool XdrReader::boolean() {
  const uint32_t value = u32();
  if (value > 1) fail_here();
  return value == 1;
}

BytesView XdrReader::fixed(size_t size) {
  // A size near the largest would wrap around with its padding: it cannot be there either way.
  if (size > bytes_.size()) {
    fail_here();
    return kNothing;
  }
  const char* at = nullptr;
  return take(size + xdr_padding(size), &at) ? BytesView(at, size) : kNothing;
}

BytesView XdrReader::opaque(size_t most) {
  const uint32_t size = u32();
  if (size > most) {
    fail_here();
    return kNothing;
  }
  return fixed(size);
}

uint32_t XdrReader::count(uint32_t most) {
  const uint32_t value = u32();
  if (value <= most) return value;
  fail_here();
  return 0;
}

Result<void> XdrReader::status(const char* what) const {
  if (good_) return ok;
  return fail(Code::kMalformed, std::string(what) + ": the XDR does not parse");
}

}  // namespace tp::wire
