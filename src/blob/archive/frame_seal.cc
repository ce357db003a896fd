#include "blob/archive/frame_seal.h"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>

namespace tp::blob {

namespace {

constexpr BytesView kPackLabel = "tokenplane archive pack 1";
constexpr size_t kTagBytes = 16, kNonceBytes = 12, kPrefixBytes = 4 + kPackSaltBytes;
static_assert(kSealBytes == kPrefixBytes + kTagBytes);

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

Sha256Digest pack_key(const HmacSha256Key& secret, const PackId& pack, BytesView salt) {
  Bytes text(kPackLabel);
  append_be<uint64_t>(text, pack.store_id);
  append_be<uint64_t>(text, pack.segment.value);
  text.append(salt);
  return secret.sign(text);
}

std::array<char, kNonceBytes> nonce_of(const FramePlace& place) {
  std::array<char, kNonceBytes> nonce{};
  put_be<uint64_t>(nonce.data() + 4, place.offset);
  return nonce;
}

std::array<char, 16> bound_to(const FramePlace& place) {
  std::array<char, 16> bytes;
  put_be<uint64_t>(bytes.data(), place.blob.value);
  put_be<uint32_t>(bytes.data() + 8, place.frame);
  put_be<uint32_t>(bytes.data() + 12, place.data_bytes);
  return bytes;
}

const unsigned char* as_octets(const char* bytes) {
  return reinterpret_cast<const unsigned char*>(bytes);
}
unsigned char* as_octets(char* bytes) {
  return reinterpret_cast<unsigned char*>(bytes);
}

}  // namespace

PackSealer::PackSealer(const ArchiveKeys::Key& key, const PackId& pack, const PackSalt& salt)
    : fingerprint_(key.fingerprint),
      salt_(salt),
      key_(pack_key(key.secret, pack, BytesView(salt.data(), salt.size()))) {}

Result<void> PackSealer::seal(const FramePlace& place, BytesView frame, Bytes& out) const {
  const Cipher cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  const auto nonce = nonce_of(place);
  const auto bound = bound_to(place);
  append_be<uint32_t>(out, fingerprint_);
  out.append(salt_.data(), salt_.size());
  const size_t begin = out.size();
  out.resize(begin + frame.size() + kTagBytes);
  const auto size = static_cast<int>(frame.size());
  int done = 0, last = 0;
  const bool good =
      cipher != nullptr &&
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, as_octets(key_.data()), as_octets(nonce.data())) ==
          1 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &done, as_octets(bound.data()), static_cast<int>(bound.size())) == 1 &&
      EVP_EncryptUpdate(cipher.get(), as_octets(out.data() + begin), &done, as_octets(frame.data()), size) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), as_octets(out.data() + begin + done), &last) == 1 && done + last == size &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, out.data() + begin + frame.size()) == 1;
  if (!good) return fail(Code::kInternal, "AES-256-GCM failed");
  return ok;
}

Result<Bytes> open_frame(const ArchiveKeys& keys, const PackId& pack, const FramePlace& place, BytesView sealed) {
  if (sealed.size() < kSealBytes || sealed.size() > UINT32_MAX / 2) {
    return fail(Code::kCorruption, "a sealed frame is too short or too long");
  }
  const ArchiveKeys::Key* key = keys.find(get_be<uint32_t>(sealed.data()));
  const BytesView body = sealed.substr(kPrefixBytes, sealed.size() - kSealBytes);
  if (key == nullptr) {
    return fail(Code::kUnavailable, "a frame is damaged or sealed with a key that the key file does not have");
  }
  const Sha256Digest secret = pack_key(key->secret, pack, sealed.substr(4, kPackSaltBytes));
  const auto nonce = nonce_of(place);
  const auto bound = bound_to(place);
  std::array<char, kTagBytes> tag;
  std::copy_n(sealed.data() + sealed.size() - kTagBytes, kTagBytes, tag.data());
  const Cipher cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  Bytes frame(body.size(), '\0');
  int done = 0, last = 0;
  const bool set_up =
      cipher != nullptr &&
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, as_octets(secret.data()), as_octets(nonce.data())) ==
          1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &done, as_octets(bound.data()), static_cast<int>(bound.size())) == 1 &&
      EVP_DecryptUpdate(cipher.get(), as_octets(frame.data()), &done, as_octets(body.data()),
                        static_cast<int>(body.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1;
  if (!set_up) return fail(Code::kInternal, "AES-256-GCM failed");
  if (EVP_DecryptFinal_ex(cipher.get(), as_octets(frame.data() + done), &last) != 1) {
    return fail(Code::kCorruption, "a frame is not what was sealed");
  }
  return frame;
}

}  // namespace tp::blob
