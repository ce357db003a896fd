#include "base/hash/checksum.h"

#include <array>

namespace tp {

namespace {

struct Properties {
  std::string_view name;
  size_t digest_size;
  bool can_combine;
};

constexpr std::array<Properties, kChecksumAlgorithmCount> kProperties = {{
    {"", 0, false},
    {"CRC32", 4, true},
    {"CRC32C", 4, true},
    {"CRC64NVME", 8, true},
    {"SHA1", 20, false},
    {"SHA256", 32, false},
    {"MD5", 16, false},
    {"SHA512", 64, false},
    {"XXHASH64", 8, false},
    {"XXHASH3", 8, false},
    {"XXHASH128", 16, false},
}};

const Properties& properties(ChecksumAlgorithm algorithm) noexcept {
  return kProperties[static_cast<size_t>(algorithm)];
}

constexpr char to_upper(char c) noexcept { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

bool equals_upper(std::string_view text, std::string_view upper) noexcept {
  if (text.size() != upper.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (to_upper(text[i]) != upper[i]) return false;
  }
  return true;
}

}  // namespace

std::optional<ChecksumAlgorithm> checksum_from_byte(uint8_t byte) noexcept {
  if (byte >= kChecksumAlgorithmCount) return std::nullopt;
  return static_cast<ChecksumAlgorithm>(byte);
}

size_t digest_size(ChecksumAlgorithm algorithm) noexcept { return properties(algorithm).digest_size; }

std::string_view checksum_name(ChecksumAlgorithm algorithm) noexcept { return properties(algorithm).name; }

std::optional<ChecksumAlgorithm> checksum_from_name(std::string_view name) noexcept {
  for (size_t i = 1; i < kProperties.size(); ++i) {
    if (equals_upper(name, kProperties[i].name)) return static_cast<ChecksumAlgorithm>(i);
  }
  return std::nullopt;
}

bool can_combine(ChecksumAlgorithm algorithm) noexcept { return properties(algorithm).can_combine; }

}  // namespace tp
