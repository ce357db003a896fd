// One stream alone goes to OpenSSL's assembly through the low-level calls, which EVP cannot be handed a state for.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/hash/md5_lanes.h"

#include <openssl/md5.h>

#include <algorithm>

#include "base/check.h"
#include "base/hash/kernels/md5_kernels.h"

namespace tp {

namespace {

struct Kernels {
  std::string_view name;
  kernels::Md5Kernel eight;    // null: one stream after the other
  kernels::Md5Kernel sixteen;  // null: two rounds of eight
};

Kernels choose_kernels() noexcept {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")) {
    return {"avx512", kernels::md5_avx512_x8, kernels::md5_avx512_x16};
  }
  if (__builtin_cpu_supports("avx2")) return {"avx2", kernels::md5_avx2_x8, nullptr};
  return {"scalar", nullptr, nullptr};
}

const Kernels& chosen() noexcept {
  static const Kernels kernels = choose_kernels();
  return kernels;
}

void hash_alone(Md5State& state, const char* data, size_t block_count) noexcept {
  MD5_CTX context{};
  context.A = state.words[0];
  context.B = state.words[1];
  context.C = state.words[2];
  context.D = state.words[3];
  MD5_Update(&context, data, block_count * kMd5BlockSize);
  state.words = {context.A, context.B, context.C, context.D};
}

/// Runs `kernel` on up to `width` lanes; the idle ones repeat the first lane's data into states of their own.
template <size_t kWidth>
void run_padded(kernels::Md5Kernel kernel, std::span<Md5State* const> states, std::span<const char* const> data,
                size_t block_count) noexcept {
  uint32_t* words[kWidth];
  const char* pieces[kWidth];
  Md5State idle[kWidth];
  for (size_t i = 0; i < kWidth; ++i) {
    words[i] = i < states.size() ? states[i]->words.data() : idle[i].words.data();
    pieces[i] = i < states.size() ? data[i] : data[0];
  }
  kernel(words, pieces, block_count);
}

}  // namespace

void md5_blocks_lanes(std::span<Md5State* const> states, std::span<const char* const> data,
                      size_t block_count) noexcept {
  TP_CHECK(states.size() == data.size() && states.size() <= kMd5MaxLanes);
  if (block_count == 0) return;
  const Kernels& kernels = chosen();
  while (states.size() > 1 && kernels.eight != nullptr) {
    if (states.size() > 8 && kernels.sixteen != nullptr) {
      run_padded<16>(kernels.sixteen, states, data, block_count);
      return;
    }
    const size_t count = std::min<size_t>(states.size(), 8);
    run_padded<8>(kernels.eight, states.first(count), data.first(count), block_count);
    states = states.subspan(count);
    data = data.subspan(count);
  }
  for (size_t i = 0; i < states.size(); ++i) hash_alone(*states[i], data[i], block_count);
}

std::string_view md5_lanes_kernel() noexcept { return chosen().name; }

}  // namespace tp
