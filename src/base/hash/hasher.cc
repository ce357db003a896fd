#define OPENSSL_SUPPRESS_DEPRECATED  // see sha256.cc
#include "base/hash/hasher.h"

#define XXH_STATIC_LINKING_ONLY  // for the size of XXH64_state_t, fixed since xxhash 0.8
#include <openssl/sha.h>
#include <xxhash.h>

#include <new>
#include <type_traits>

#include "base/check.h"
#include "base/hash/crc.h"
#include "base/hash/md5.h"
#include "base/hash/sha256.h"

namespace tp {

namespace {

template <class State, size_t kSize>
State* state_as(std::array<char, kSize>& storage) noexcept {
  static_assert(sizeof(State) <= kSize && alignof(State) <= 8 && std::is_trivially_copyable_v<State>);
  return std::launder(reinterpret_cast<State*>(storage.data()));
}

XXH3_state_t* xxh3_state(const auto& owner) noexcept { return static_cast<XXH3_state_t*>(owner.get()); }

/// One of OpenSSL's ..._Final calls with its digest.
template <size_t kSize, class Context>
Bytes final_digest(int (*final)(unsigned char*, Context*), Context* context) {
  Bytes result(kSize, '\0');
  final(reinterpret_cast<unsigned char*>(result.data()), context);
  return result;
}

template <class Canonical>
Bytes canonical_bytes(const Canonical& canonical) {
  return Bytes(reinterpret_cast<const char*>(canonical.digest), sizeof canonical.digest);
}

Bytes xxh64_bytes(XXH64_hash_t hash) {
  XXH64_canonical_t canonical;
  XXH64_canonicalFromHash(&canonical, hash);
  return canonical_bytes(canonical);
}

Bytes xxh128_bytes(XXH128_hash_t hash) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, hash);
  return canonical_bytes(canonical);
}

template <class Int>
Bytes be_bytes(Int value) {
  Bytes result;
  append_be(result, value);
  return result;
}

}  // namespace

void Hasher::FreeXxh3::operator()(void* state) const noexcept { XXH3_freeState(static_cast<XXH3_state_t*>(state)); }

Hasher::Hasher(ChecksumAlgorithm algorithm) : algorithm_(algorithm) {
  if (algorithm == ChecksumAlgorithm::kXxh3 || algorithm == ChecksumAlgorithm::kXxh128) {
    xxh3_.reset(XXH3_createState());
    if (!xxh3_) throw std::bad_alloc();
  }
  reset();
}

void Hasher::reset() noexcept {
  switch (algorithm_) {
    case ChecksumAlgorithm::kNone: break;
    case ChecksumAlgorithm::kCrc32:
    case ChecksumAlgorithm::kCrc32c: new (state_.data()) uint32_t(0); break;
    case ChecksumAlgorithm::kCrc64Nvme: new (state_.data()) uint64_t(0); break;
    case ChecksumAlgorithm::kSha1: SHA1_Init(new (state_.data()) SHA_CTX); break;
    case ChecksumAlgorithm::kSha256: new (state_.data()) Sha256(); break;
    case ChecksumAlgorithm::kMd5: new (state_.data()) Md5(); break;
    case ChecksumAlgorithm::kSha512: SHA512_Init(new (state_.data()) SHA512_CTX); break;
    case ChecksumAlgorithm::kXxh64: XXH64_reset(new (state_.data()) XXH64_state_t, 0); break;
    case ChecksumAlgorithm::kXxh3: XXH3_64bits_reset(xxh3_state(xxh3_)); break;
    case ChecksumAlgorithm::kXxh128: XXH3_128bits_reset(xxh3_state(xxh3_)); break;
  }
}

void Hasher::update(BytesView bytes) noexcept {
  if (bytes.empty()) return;
  switch (algorithm_) {
    case ChecksumAlgorithm::kNone: break;
    case ChecksumAlgorithm::kCrc32: {
      auto* crc = state_as<uint32_t>(state_);
      *crc = crc32(*crc, bytes);
      break;
    }
    case ChecksumAlgorithm::kCrc32c: {
      auto* crc = state_as<uint32_t>(state_);
      *crc = crc32c(*crc, bytes);
      break;
    }
    case ChecksumAlgorithm::kCrc64Nvme: {
      auto* crc = state_as<uint64_t>(state_);
      *crc = crc64nvme(*crc, bytes);
      break;
    }
    case ChecksumAlgorithm::kSha1: SHA1_Update(state_as<SHA_CTX>(state_), bytes.data(), bytes.size()); break;
    case ChecksumAlgorithm::kSha256: state_as<Sha256>(state_)->update(bytes); break;
    case ChecksumAlgorithm::kMd5: state_as<Md5>(state_)->update(bytes); break;
    case ChecksumAlgorithm::kSha512: SHA512_Update(state_as<SHA512_CTX>(state_), bytes.data(), bytes.size()); break;
    case ChecksumAlgorithm::kXxh64: XXH64_update(state_as<XXH64_state_t>(state_), bytes.data(), bytes.size()); break;
    case ChecksumAlgorithm::kXxh3: XXH3_64bits_update(xxh3_state(xxh3_), bytes.data(), bytes.size()); break;
    case ChecksumAlgorithm::kXxh128: XXH3_128bits_update(xxh3_state(xxh3_), bytes.data(), bytes.size()); break;
  }
}

Bytes Hasher::finish() {
  Bytes result;
  switch (algorithm_) {
    case ChecksumAlgorithm::kNone: break;
    case ChecksumAlgorithm::kCrc32:
    case ChecksumAlgorithm::kCrc32c: result = be_bytes(*state_as<uint32_t>(state_)); break;
    case ChecksumAlgorithm::kCrc64Nvme: result = be_bytes(*state_as<uint64_t>(state_)); break;
    case ChecksumAlgorithm::kSha1: result = final_digest<20>(SHA1_Final, state_as<SHA_CTX>(state_)); break;
    case ChecksumAlgorithm::kSha256: result = as_view(state_as<Sha256>(state_)->finish()); break;
    case ChecksumAlgorithm::kMd5: result = as_view(state_as<Md5>(state_)->finish()); break;
    case ChecksumAlgorithm::kSha512: result = final_digest<64>(SHA512_Final, state_as<SHA512_CTX>(state_)); break;
    case ChecksumAlgorithm::kXxh64: result = xxh64_bytes(XXH64_digest(state_as<XXH64_state_t>(state_))); break;
    case ChecksumAlgorithm::kXxh3: result = xxh64_bytes(XXH3_64bits_digest(xxh3_state(xxh3_))); break;
    case ChecksumAlgorithm::kXxh128: result = xxh128_bytes(XXH3_128bits_digest(xxh3_state(xxh3_))); break;
  }
  reset();
  return result;
}

Bytes digest(ChecksumAlgorithm algorithm, BytesView bytes) {
  // The one-shot forms need no state on the heap.
  if (algorithm == ChecksumAlgorithm::kXxh3) return xxh64_bytes(XXH3_64bits(bytes.data(), bytes.size()));
  if (algorithm == ChecksumAlgorithm::kXxh128) return xxh128_bytes(XXH3_128bits(bytes.data(), bytes.size()));
  Hasher hasher(algorithm);
  hasher.update(bytes);
  return hasher.finish();
}

Bytes combine_digests(ChecksumAlgorithm algorithm, BytesView first, BytesView second, uint64_t second_size) {
  const size_t size = digest_size(algorithm);
  TP_CHECK(can_combine(algorithm) && first.size() == size && second.size() == size);
  if (algorithm == ChecksumAlgorithm::kCrc64Nvme) {
    return be_bytes(
        crc64nvme_combine(get_be<uint64_t>(first.data()), get_be<uint64_t>(second.data()), second_size));
  }
  const auto combine = algorithm == ChecksumAlgorithm::kCrc32 ? crc32_combine : crc32c_combine;
  return be_bytes(combine(get_be<uint32_t>(first.data()), get_be<uint32_t>(second.data()), second_size));
}

}  // namespace tp
