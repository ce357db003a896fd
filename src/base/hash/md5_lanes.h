// Multi-buffer MD5: several independent streams advance in step, one 32-bit SIMD lane each. MD5's rounds depend on each
// other, so one stream cannot use a wide core; up to 16 together take about the time of one.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "base/hash/md5.h"

namespace tp {

inline constexpr size_t kMd5MaxLanes = 16;

/// Hashes block_count whole blocks of 64 bytes into each state: data[i] into *states[i]. The states are distinct.
/// Precondition: states.size() == data.size() <= kMd5MaxLanes; each data[i] has block_count * 64 bytes.
void md5_blocks_lanes(std::span<Md5State* const> states, std::span<const char* const> data,
                      size_t block_count) noexcept;

/// The instruction set md5_blocks_lanes uses on this CPU: "avx512", "avx2" or "scalar".
std::string_view md5_lanes_kernel() noexcept;

}  // namespace tp
