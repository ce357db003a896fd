#include "blob/codec/frame_plan.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "blob/codec/packer.h"

namespace tp::blob {

namespace {

constexpr size_t kChunkBytes = 2048;  // a multiple of 4, so that lanes stay lanes
constexpr size_t kChunks = 8;
constexpr size_t kSampleBytes = kChunkBytes * kChunks;
constexpr double kWorthPlanesBits = 0.12;  // a byte, against the bytes mixed
constexpr double kWorthFourBits = 0.05;    // a byte, against two planes
constexpr double kWorthTurningBits = 0.02;
constexpr double kWorthPackingBits = 7.84;  // a plane above this stays as it is: 2 % are not worth reading it back
constexpr double kRandomBits = 7.9;
constexpr double kSearchGain = 0.96;  // a search must beat the entropy by this on the sample

using Histogram = std::array<uint32_t, 256>;

void count(BytesView bytes, Histogram& into) {
  for (const char byte : bytes) ++into[static_cast<uint8_t>(byte)];
}

/// Bits a byte.
double entropy(const Histogram& histogram) {
  uint64_t total = 0;
  float weighted = 0;
  for (const uint32_t n : histogram) {
    if (n == 0) continue;
    total += n;
    weighted += static_cast<float>(n) * std::log2(static_cast<float>(n));
  }
  if (total == 0) return 0;
  return std::log2(static_cast<double>(total)) - static_cast<double>(weighted) / static_cast<double>(total);
}

/// What a Histogram of few samples says is too little: about (distinct - 1) / (2 ln 2) bits in all (Miller, Madow).
double entropy_corrected(const Histogram& histogram) {
  size_t distinct = 0;
  uint64_t total = 0;
  for (const uint32_t n : histogram) {
    distinct += n != 0 ? 1 : 0;
    total += n;
  }
  if (total == 0) return 0;
  return std::min(8.0, entropy(histogram) + 0.7213 * static_cast<double>(distinct - 1) / static_cast<double>(total));
}

size_t take_sample(BytesView data, char* sample) {
  if (data.size() <= kSampleBytes) {
    const size_t size = data.size() / 4 * 4;
    std::memcpy(sample, data.data(), size);
    return size;
  }
  const size_t step = (data.size() - kChunkBytes) / (kChunks - 1) / 4 * 4;
  for (size_t i = 0; i < kChunks; ++i) std::memcpy(sample + i * kChunkBytes, data.data() + i * step, kChunkBytes);
  return kSampleBytes;
}

struct Lanes {
  std::array<double, 4> four{};
  std::array<double, 2> two{};
  double all = 0;
  double mean_of_four() const { return (four[0] + four[1] + four[2] + four[3]) / 4; }
  double mean_of_two() const { return (two[0] + two[1]) / 2; }
};

Lanes measure_lanes(BytesView sample) {
  std::array<Histogram, 4> lanes{};
  for (size_t i = 0; i + 4 <= sample.size(); i += 4) {
    for (size_t lane = 0; lane < 4; ++lane) ++lanes[lane][static_cast<uint8_t>(sample[i + lane])];
  }
  Lanes result;
  Histogram all{};
  std::array<Histogram, 2> two{};
  for (size_t lane = 0; lane < 4; ++lane) {
    result.four[lane] = entropy_corrected(lanes[lane]);
    for (size_t value = 0; value < 256; ++value) {
      two[lane % 2][value] += lanes[lane][value];
      all[value] += lanes[lane][value];
    }
  }
  for (size_t lane = 0; lane < 2; ++lane) result.two[lane] = entropy_corrected(two[lane]);
  result.all = entropy_corrected(all);
  return result;
}

struct Planes {
  std::array<double, kMaxPlanes> bits{};
  double mean = 0;
};

/// Splits the sample (from `phase` on) into `scratch`; plane i begins at i * (*count).
Planes measure_planes(BytesView sample, unsigned phase, PlaneShape shape, char* scratch, size_t* count_out) {
  const size_t numbers = (sample.size() - phase) / shape.stride;
  PlaneOutputs outputs{};
  for (size_t i = 0; i < shape.stride; ++i) outputs[i] = scratch + i * numbers;
  split_planes(sample.data() + phase, numbers, shape, outputs);
  Planes planes;
  for (size_t i = 0; i < shape.stride; ++i) {
    Histogram histogram{};
    count(BytesView(outputs[i], numbers), histogram);
    planes.bits[i] = entropy_corrected(histogram);
    planes.mean += planes.bits[i] / shape.stride;
  }
  *count_out = numbers;
  return planes;
}

/// Estimated size of the sample in this plan, which also learns which planes have repetitions.
double settle_planes(const Planes& planes, const char* split, size_t numbers, int level, FramePlan& plan) {
  std::array<char, kSampleBytes> out;
  double bytes = 0;
  for (size_t i = 0; i < plan.shape.stride; ++i) {
    const double by_entropy = planes.bits[i] / 8 * static_cast<double>(numbers);
    const BytesView plane(split + i * numbers, numbers);
    const size_t packed = Packer::of_this_thread().zstd(plane, std::min(level, 3), out);
    const double searched = packed == 0 ? static_cast<double>(numbers) : static_cast<double>(packed);
    plan.search[i] = searched < by_entropy * kSearchGain;
    plan.pack[i] = plan.search[i] || planes.bits[i] < kWorthPackingBits;
    bytes += plan.search[i] ? searched : plan.pack[i] ? by_entropy : static_cast<double>(numbers);
  }
  return bytes;
}

}  // namespace

FramePlan plan_frame(BytesView data, int level) {
  FramePlan plan;
  if (data.size() < kChunkBytes) return plan;
  std::array<char, kSampleBytes> sample_bytes;
  const BytesView sample(sample_bytes.data(), take_sample(data, sample_bytes.data()));
  const Lanes lanes = measure_lanes(sample);
  plan.looks_random = lanes.all > kRandomBits;

  const bool four = lanes.mean_of_four() < lanes.mean_of_two() - kWorthFourBits;
  const double best = four ? lanes.mean_of_four() : lanes.mean_of_two();
  if (best > lanes.all - kWorthPlanesBits) return plan;

  // The exponents lie in the byte that says least, and that is a number's last.
  plan.shape.stride = four ? 4 : 2;
  const double* bits = four ? lanes.four.data() : lanes.two.data();
  const auto lowest = static_cast<unsigned>(std::min_element(bits, bits + plan.shape.stride) - bits);
  plan.phase = (lowest + 1) % plan.shape.stride;

  std::array<char, kSampleBytes> straight_split;
  std::array<char, kSampleBytes> turned_split;
  size_t numbers = 0;
  PlaneShape turned = plan.shape;
  turned.turned = true;
  const Planes straight_planes = measure_planes(sample, plan.phase, plan.shape, straight_split.data(), &numbers);
  const Planes turned_planes = measure_planes(sample, plan.phase, turned, turned_split.data(), &numbers);
  plan.shape.turned = turned_planes.mean < straight_planes.mean - kWorthTurningBits;
  const double planes_bytes =
      settle_planes(plan.shape.turned ? turned_planes : straight_planes,
                    plan.shape.turned ? turned_split.data() : straight_split.data(), numbers, level, plan);

  std::array<char, kSampleBytes> out;
  const size_t whole = Packer::of_this_thread().zstd(sample, std::min(level, 3), out);
  plan.planes = whole == 0 || planes_bytes < static_cast<double>(whole);
  if (plan.planes) plan.looks_random = false;
  return plan;
}

}  // namespace tp::blob
