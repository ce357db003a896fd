// ChecksumAlgorithm: the digests the store can keep beside an object, with the sizes and names that S3 gives them.
// Invariant: the numeric values are stored on disk and never change. Spec: S3 API, "Checking object integrity".
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tp {

enum class ChecksumAlgorithm : uint8_t {
  kNone = 0,
  kCrc32 = 1,
  kCrc32c = 2,
  kCrc64Nvme = 3,
  kSha1 = 4,
  kSha256 = 5,
  kMd5 = 6,
  kSha512 = 7,
  kXxh64 = 8,
  kXxh3 = 9,
  kXxh128 = 10,
};
inline constexpr size_t kChecksumAlgorithmCount = 11;
inline constexpr size_t kMaxDigestSize = 64;

/// The algorithm a byte read from disk stands for; nothing if it stands for none.
std::optional<ChecksumAlgorithm> checksum_from_byte(uint8_t byte) noexcept;

/// Bytes of the raw digest; 0 for kNone.
size_t digest_size(ChecksumAlgorithm algorithm) noexcept;

/// S3's name: "CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256", "MD5", "SHA512", "XXHASH64", "XXHASH3", "XXHASH128";
/// "" for kNone.
std::string_view checksum_name(ChecksumAlgorithm algorithm) noexcept;

/// The algorithm with that S3 name, in any case; nothing for other names, the empty one included.
std::optional<ChecksumAlgorithm> checksum_from_name(std::string_view name) noexcept;

/// Whether the digest of a concatenation follows from the digests and lengths of its pieces (the CRCs: see crc.h).
bool can_combine(ChecksumAlgorithm algorithm) noexcept;

}  // namespace tp
