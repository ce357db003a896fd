#include "blob/codec/byte_planes.h"

#include <cstdint>
#include <cstring>

namespace tp::blob {

namespace {

// The loops are written plainly and compiled for three instruction sets: the compiler makes shuffles of them.
#define TP_PLANES_INLINE inline __attribute__((always_inline))

template <class Number>
TP_PLANES_INLINE Number turn(Number number) {
  return static_cast<Number>(static_cast<Number>(number << 1) |
                             static_cast<Number>(number >> (sizeof(Number) * 8 - 1)));
}
template <class Number>
TP_PLANES_INLINE Number turn_back(Number number) {
  return static_cast<Number>(static_cast<Number>(number >> 1) |
                             static_cast<Number>(number << (sizeof(Number) * 8 - 1)));
}

template <bool kTurned>
TP_PLANES_INLINE void split2(const char* __restrict from, size_t count, char* __restrict low, char* __restrict high) {
  for (size_t i = 0; i < count; ++i) {
    uint16_t number = 0;
    std::memcpy(&number, from + 2 * i, sizeof number);
    if constexpr (kTurned) number = turn(number);
    low[i] = static_cast<char>(number);
    high[i] = static_cast<char>(number >> 8);
  }
}

template <bool kTurned>
TP_PLANES_INLINE void split4(const char* __restrict from, size_t count, char* __restrict a, char* __restrict b,
                             char* __restrict c, char* __restrict d) {
  for (size_t i = 0; i < count; ++i) {
    uint32_t number = 0;
    std::memcpy(&number, from + 4 * i, sizeof number);
    if constexpr (kTurned) number = turn(number);
    a[i] = static_cast<char>(number);
    b[i] = static_cast<char>(number >> 8);
    c[i] = static_cast<char>(number >> 16);
    d[i] = static_cast<char>(number >> 24);
  }
}

template <bool kTurned>
TP_PLANES_INLINE void merge2(const char* __restrict low, const char* __restrict high, size_t count,
                             char* __restrict to) {
  for (size_t i = 0; i < count; ++i) {
    auto number = static_cast<uint16_t>(static_cast<uint8_t>(low[i]) | static_cast<uint8_t>(high[i]) << 8);
    if constexpr (kTurned) number = turn_back(number);
    std::memcpy(to + 2 * i, &number, sizeof number);
  }
}

template <bool kTurned>
TP_PLANES_INLINE void merge4(const char* __restrict a, const char* __restrict b, const char* __restrict c,
                             const char* __restrict d, size_t count, char* __restrict to) {
  for (size_t i = 0; i < count; ++i) {
    uint32_t number = static_cast<uint8_t>(a[i]) | static_cast<uint32_t>(static_cast<uint8_t>(b[i])) << 8 |
                      static_cast<uint32_t>(static_cast<uint8_t>(c[i])) << 16 |
                      static_cast<uint32_t>(static_cast<uint8_t>(d[i])) << 24;
    if constexpr (kTurned) number = turn_back(number);
    std::memcpy(to + 4 * i, &number, sizeof number);
  }
}

TP_PLANES_INLINE void split_any(const char* from, size_t count, PlaneShape shape, const PlaneOutputs& planes) {
  const auto& p = planes;
  if (shape.stride == 2) {
    shape.turned ? split2<true>(from, count, p[0], p[1]) : split2<false>(from, count, p[0], p[1]);
  } else {
    shape.turned ? split4<true>(from, count, p[0], p[1], p[2], p[3])
                 : split4<false>(from, count, p[0], p[1], p[2], p[3]);
  }
}
TP_PLANES_INLINE void merge_any(const PlaneInputs& planes, size_t count, PlaneShape shape, char* to) {
  const auto& p = planes;
  if (shape.stride == 2) {
    shape.turned ? merge2<true>(p[0], p[1], count, to) : merge2<false>(p[0], p[1], count, to);
  } else {
    shape.turned ? merge4<true>(p[0], p[1], p[2], p[3], count, to) : merge4<false>(p[0], p[1], p[2], p[3], count, to);
  }
}

#define TP_AVX2 __attribute__((target("avx2")))
#define TP_AVX512 __attribute__((target("avx2,avx512f,avx512bw,avx512vl,avx512vbmi")))

void split_plain(const char* from, size_t count, PlaneShape shape, const PlaneOutputs& planes) {
  split_any(from, count, shape, planes);
}
TP_AVX2 void split_avx2(const char* from, size_t count, PlaneShape shape, const PlaneOutputs& planes) {
  split_any(from, count, shape, planes);
}
TP_AVX512 void split_avx512(const char* from, size_t count, PlaneShape shape, const PlaneOutputs& planes) {
  split_any(from, count, shape, planes);
}
void merge_plain(const PlaneInputs& planes, size_t count, PlaneShape shape, char* to) {
  merge_any(planes, count, shape, to);
}
TP_AVX2 void merge_avx2(const PlaneInputs& planes, size_t count, PlaneShape shape, char* to) {
  merge_any(planes, count, shape, to);
}
TP_AVX512 void merge_avx512(const PlaneInputs& planes, size_t count, PlaneShape shape, char* to) {
  merge_any(planes, count, shape, to);
}

struct Kernels {
  decltype(&split_plain) split = &split_plain;
  decltype(&merge_plain) merge = &merge_plain;
};

Kernels choose_kernels() {
  if (__builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl")) {
    return {&split_avx512, &merge_avx512};
  }
  if (__builtin_cpu_supports("avx2")) return {&split_avx2, &merge_avx2};
  return {};
}

const Kernels& kernels() {
  static const Kernels chosen = choose_kernels();
  return chosen;
}

}  // namespace

void split_planes(const char* from, size_t count, PlaneShape shape, const PlaneOutputs& planes) {
  kernels().split(from, count, shape, planes);
}
void merge_planes(const PlaneInputs& planes, size_t count, PlaneShape shape, char* to) {
  kernels().merge(planes, count, shape, to);
}

}  // namespace tp::blob
