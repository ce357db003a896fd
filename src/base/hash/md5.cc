#include "base/hash/md5.h"

#include <algorithm>

#include "base/hash/md5_lanes.h"

namespace tp {

namespace {

void hash_blocks(Md5State& state, const char* data, size_t block_count) noexcept {
  Md5State* const states[] = {&state};
  const char* const pieces[] = {data};
  md5_blocks_lanes(states, pieces, block_count);
}

}  // namespace

size_t Md5::fill_partial_block(BytesView bytes) noexcept {
  const size_t held = partial_size();
  if (held == 0 || bytes.empty()) return 0;
  const size_t taken = std::min(bytes.size(), kMd5BlockSize - held);
  std::memcpy(partial_.data() + held, bytes.data(), taken);
  total_ += taken;
  if (held + taken == kMd5BlockSize) hash_blocks(state_, partial_.data(), 1);
  return taken;
}

void Md5::update(BytesView bytes) noexcept {
  bytes.remove_prefix(fill_partial_block(bytes));
  if (bytes.empty()) return;
  const size_t block_count = bytes.size() / kMd5BlockSize;
  if (block_count > 0) {
    hash_blocks(state_, bytes.data(), block_count);
    count_blocks(block_count);
    bytes.remove_prefix(block_count * kMd5BlockSize);
  }
  std::memcpy(partial_.data(), bytes.data(), bytes.size());
  total_ += bytes.size();
}

Md5Digest Md5::finish() noexcept {
  // RFC 1321 §3.1 and §3.2: a one bit, zeros up to 56 modulo 64, then the length in bits, little-endian.
  const uint64_t bits = total_ * 8;
  std::array<char, kMd5BlockSize + 8> padding{};
  padding[0] = static_cast<char>(0x80);
  const size_t zeros_end = (partial_size() < 56 ? 56 : 56 + kMd5BlockSize) - partial_size();
  for (size_t i = 0; i < 8; ++i) padding[zeros_end + i] = static_cast<char>(bits >> (8 * i));
  update({padding.data(), zeros_end + 8});
  Md5Digest digest;
  for (size_t i = 0; i < digest.size(); ++i) {
    digest[i] = static_cast<char>(state_.words[i / 4] >> (8 * (i % 4)));
  }
  *this = Md5();
  return digest;
}

Md5Digest md5(BytesView bytes) noexcept {
  Md5 hash;
  hash.update(bytes);
  return hash.finish();
}

}  // namespace tp
