#include "base/hash/crc.h"

#include <isa-l/crc.h>

#include <algorithm>

#include "base/hash/kernels/crc64_kernels.h"
#include "base/hash/kernels/crc_field.h"

namespace tp {

namespace {

using Crc64Kernel = uint64_t (*)(uint64_t state, const char* data, size_t size) noexcept;

Crc64Kernel choose_crc64_kernel() noexcept {
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("pclmul") || !__builtin_cpu_supports("sse4.1")) return kernels::crc64_table;
  const bool wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                    __builtin_cpu_supports("vpclmulqdq");
  return wide ? kernels::crc64_vpclmul : kernels::crc64_pclmul;
}

}  // namespace

uint32_t crc32c(uint32_t seed, BytesView bytes) noexcept {
  // isa-l's CRC-32C has no inversion, and an int for its length.
  constexpr size_t kMaxPiece = size_t{1} << 30;
  uint32_t state = ~seed;
  while (!bytes.empty()) {
    const size_t piece = std::min(bytes.size(), kMaxPiece);
    // It reads only; the parameter merely lacks a const.
    auto* data = reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data()));
    state = crc32_iscsi(data, static_cast<int>(piece), state);
    bytes.remove_prefix(piece);
  }
  return ~state;
}

uint32_t crc32(uint32_t seed, BytesView bytes) noexcept {
  if (bytes.empty()) return seed;
  return crc32_gzip_refl(seed, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

uint64_t crc64nvme(uint64_t seed, BytesView bytes) noexcept {
  static const Crc64Kernel kernel = choose_crc64_kernel();
  return ~kernel(~seed, bytes.data(), bytes.size());
}

uint32_t crc32c_combine(uint32_t first, uint32_t second, uint64_t second_size) noexcept {
  return kernels::Crc32cField::combine(first, second, second_size);
}

uint32_t crc32_combine(uint32_t first, uint32_t second, uint64_t second_size) noexcept {
  return kernels::Crc32Field::combine(first, second, second_size);
}

uint64_t crc64nvme_combine(uint64_t first, uint64_t second, uint64_t second_size) noexcept {
  return kernels::Crc64NvmeField::combine(first, second, second_size);
}

}  // namespace tp
