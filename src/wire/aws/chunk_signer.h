// ChunkSigner: the running signature of an aws-chunked body; each signature covers the one before it.
// Spec: S3 API, "Signature calculations: transfer payload in multiple chunks", and its trailer variant.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/hash/sha256.h"
#include "wire/aws/sigv4.h"

namespace tp::wire {

class ChunkSigner {
 public:
  explicit ChunkSigner(const VerifiedSignature& seed);

  /// The signature (64 lower-case hexadecimal digits) of the next chunk; it becomes the previous one.
  std::string_view sign_chunk(const Sha256Digest& chunk_sha256);
  /// The signature of the trailer: the SHA-256 of "name:value\n" for each trailer field in the order sent.
  std::string_view sign_trailer(const Sha256Digest& trailer_sha256);

 private:
  std::string_view sign(std::string_view algorithm, std::string_view middle, const Sha256Digest& digest);

  HmacSha256Key key_;
  std::string date_and_scope_;  // "<date>\n<scope>\n"
  std::string text_;            // scratch for the string to sign
  std::array<char, 64> previous_;
};

}  // namespace tp::wire
