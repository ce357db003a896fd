// FuzzInput: the fuzzer's bytes as text, in memory of its exact size, and cut into pieces.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

namespace tp::fuzz {

/// A copy that ends where its memory ends.
class ExactCopy {
 public:
  explicit ExactCopy(std::string_view text) : size_(text.size()), bytes_(new char[text.size()]) {
    std::memcpy(bytes_.get(), text.data(), text.size());
  }
  std::string_view view() const { return {bytes_.get(), size_}; }
  char* data() { return bytes_.get(); }

 private:
  size_t size_;
  std::unique_ptr<char[]> bytes_;
};

inline std::string_view text_of(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Ends the process, so that the fuzzer keeps the input.
inline void require(bool condition) {
  if (!condition) std::abort();
}

/// Runs an incremental decoder over `body` in pieces of `piece` bytes. Returns its payload, "!" after an error, and
/// "#" at its end.
template <class Decoder>
std::string decode_in_pieces(Decoder decoder, std::string_view body, size_t piece) {
  std::string payload;
  const ExactCopy copy(body);
  for (size_t at = 0; at < body.size() && !decoder.done();) {
    const std::string_view part = copy.view().substr(at, piece);
    const auto step = decoder.next(part);
    if (!step) return payload + "!";
    require(step->consumed_bytes <= part.size());
    payload += step->payload;
    at += step->consumed_bytes;
  }
  return payload + (decoder.done() ? "#" : "");
}

}  // namespace tp::fuzz
