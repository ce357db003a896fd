#include "wire/aws/chunk_signer.h"

#include "wire/aws/canonical_request.h"

namespace tp::wire {

ChunkSigner::ChunkSigner(const VerifiedSignature& seed) : key_(seed.signing_key), previous_(seed.seed_signature) {
  date_and_scope_ = seed.amz_date + "\n" + seed.scope + "\n";
}

std::string_view ChunkSigner::sign(std::string_view algorithm, std::string_view middle, const Sha256Digest& digest) {
  text_.assign(algorithm);
  text_ += date_and_scope_;
  text_ += as_text(previous_);
  text_ += middle;
  text_ += as_text(hex_of(digest));
  previous_ = hex_of(key_.sign(text_));
  return as_text(previous_);
}

std::string_view ChunkSigner::sign_chunk(const Sha256Digest& chunk_sha256) {
  // The middle line is the hash of the chunk's (never used) own headers.
  static_assert(kEmptySha256.size() == 64);
  static const std::string middle = "\n" + std::string(kEmptySha256) + "\n";
  return sign("AWS4-HMAC-SHA256-PAYLOAD\n", middle, chunk_sha256);
}

std::string_view ChunkSigner::sign_trailer(const Sha256Digest& trailer_sha256) {
  return sign("AWS4-HMAC-SHA256-TRAILER\n", "\n", trailer_sha256);
}

}  // namespace tp::wire
