// OpenSSL's low-level calls are deprecated in favour of EVP, whose context allocation and provider look-up cost several
// times the hash itself on the short strings that requests are signed over.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/hash/sha256.h"

#include <openssl/sha.h>

#include "base/hash/hmac_sha256.h"

namespace tp {

namespace {

constexpr size_t kBlockSize = 64;

SHA256_CTX* openssl_context(std::array<char, 112>& context) noexcept {
  static_assert(sizeof(SHA256_CTX) == sizeof(context) && alignof(SHA256_CTX) <= 8);
  return reinterpret_cast<SHA256_CTX*>(context.data());
}

}  // namespace

void Sha256::reset() noexcept { SHA256_Init(openssl_context(context_)); }

void Sha256::update(BytesView bytes) noexcept {
  if (!bytes.empty()) SHA256_Update(openssl_context(context_), bytes.data(), bytes.size());
}

Sha256Digest Sha256::finish() noexcept {
  Sha256Digest digest;
  SHA256_Final(reinterpret_cast<unsigned char*>(digest.data()), openssl_context(context_));
  reset();
  return digest;
}

Sha256Digest sha256(BytesView bytes) noexcept {
  Sha256 hash;
  hash.update(bytes);
  return hash.finish();
}

HmacSha256Key::HmacSha256Key(BytesView key) noexcept {
  Sha256Digest hashed_key;
  if (key.size() > kBlockSize) {
    hashed_key = sha256(key);
    key = as_view(hashed_key);
  }
  std::array<char, kBlockSize> inner_pad;
  std::array<char, kBlockSize> outer_pad;
  for (size_t i = 0; i < kBlockSize; ++i) {
    const char byte = i < key.size() ? key[i] : '\0';
    inner_pad[i] = static_cast<char>(byte ^ 0x36);
    outer_pad[i] = static_cast<char>(byte ^ 0x5c);
  }
  inner_.update({inner_pad.data(), inner_pad.size()});
  outer_.update({outer_pad.data(), outer_pad.size()});
}

Sha256Digest HmacSha256Key::sign(BytesView data) const noexcept {
  Sha256 inner = inner_;
  inner.update(data);
  const Sha256Digest inner_digest = inner.finish();
  Sha256 outer = outer_;
  outer.update(as_view(inner_digest));
  return outer.finish();
}

Sha256Digest hmac_sha256(BytesView key, BytesView data) noexcept { return HmacSha256Key(key).sign(data); }

}  // namespace tp
