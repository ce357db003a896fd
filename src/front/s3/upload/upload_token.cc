#include "front/s3/upload/upload_token.h"

#include <array>

#include "base/bytes.h"
#include "base/hash/sha256.h"

namespace tp::s3 {

namespace {
constexpr size_t kNumberBytes = 8;
constexpr size_t kCheckBytes = 12;
constexpr std::string_view kSalt = "tokenplane upload id 1";

// The number is not hidden for secrecy: scattering it keeps people from reading meaning into ids that count up.
constexpr uint64_t kScatter = 0x9e3779b97f4a7c15ULL;
constexpr uint64_t kGather = 0xf1de83e19937733dULL;  // its inverse modulo 2^64
static_assert(kScatter * kGather == 1);

Bytes raw_of(UploadId upload) {
  Bytes raw;
  append_be<uint64_t>(raw, upload.value * kScatter);
  Sha256 hash;
  hash.update(kSalt);
  hash.update(raw);
  const Sha256Digest digest = hash.finish();
  raw.append(digest.data(), kCheckBytes);
  return raw;
}
}  // namespace

std::string encode_upload_id(UploadId upload) { return to_hex(raw_of(upload)); }

std::optional<UploadId> decode_upload_id(std::string_view text) {
  std::array<char, kNumberBytes + kCheckBytes> raw;
  if (!from_hex(text, raw)) return std::nullopt;
  const UploadId upload(get_be<uint64_t>(raw.data()) * kGather);
  if (raw_of(upload) != BytesView(raw.data(), raw.size())) return std::nullopt;
  return upload;
}

}  // namespace tp::s3
