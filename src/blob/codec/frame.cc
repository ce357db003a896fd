#include "blob/codec/frame.h"

#include <algorithm>

#include "base/check.h"
#include "blob/codec/byte_planes.h"
#include "blob/codec/frame_plan.h"
#include "blob/codec/packer.h"

namespace tp::blob {

namespace {

// The first byte of a packed frame: its kind in the low four bits, for planes the phase in the next two.
enum class Kind : uint8_t {
  kLz4 = 1,
  kZstd = 2,
  kTwoPlanes = 3,
  kFourPlanes = 4,
  kTwoPlanesTurned = 5,
  kFourPlanesTurned = 6,
};
constexpr unsigned kPhaseShift = 4;
constexpr size_t kPlaneHeadBytes = 3;
constexpr uint32_t kPlanePackedBit = 1u << 23;

Kind kind_of(PlaneShape shape) {
  if (shape.stride == 2) return shape.turned ? Kind::kTwoPlanesTurned : Kind::kTwoPlanes;
  return shape.turned ? Kind::kFourPlanesTurned : Kind::kFourPlanes;
}

void put_plane_head(char* out, size_t size, bool packed) {
  const uint32_t head = static_cast<uint32_t>(size) | (packed ? kPlanePackedBit : 0);
  out[0] = static_cast<char>(head >> 16);
  out[1] = static_cast<char>(head >> 8);
  out[2] = static_cast<char>(head);
}

/// One plane with its head into `out`; 0 if it does not fit.
size_t put_plane(BytesView plane, bool pack, bool search, int level, MutableBytes out) {
  if (out.size() <= kPlaneHeadBytes) return 0;
  const MutableBytes body = out.subspan(kPlaneHeadBytes);
  if (pack) {
    Packer& packer = Packer::of_this_thread();
    const MutableBytes within = body.first(std::min(body.size(), plane.size()));
    const size_t size = search ? packer.zstd(plane, level, within) : packer.entropy_only(plane, within);
    if (size != 0 && size < plane.size()) {
      put_plane_head(out.data(), size, true);
      return kPlaneHeadBytes + size;
    }
  }
  if (plane.size() > body.size()) return 0;
  put_plane_head(out.data(), plane.size(), false);
  std::memcpy(body.data(), plane.data(), plane.size());
  return kPlaneHeadBytes + plane.size();
}

/// Each returns the size of the frame in `out`, which is shorter than the data, or 0.
size_t pack_planes(BytesView data, const FramePlan& plan, int level, MutableBytes out) {
  const PlaneShape shape = plan.shape;
  const size_t numbers = (data.size() - plan.phase) / shape.stride;
  const size_t tail = plan.phase + numbers * shape.stride;
  PlaneOutputs planes{};
  for (size_t i = 0; i < shape.stride; ++i) planes[i] = Packer::of_this_thread().planes() + i * numbers;
  split_planes(data.data() + plan.phase, numbers, shape, planes);

  out[0] = static_cast<char>(static_cast<unsigned>(kind_of(shape)) | plan.phase << kPhaseShift);
  std::memcpy(&out[1], data.data(), plan.phase);
  std::memcpy(&out[1 + plan.phase], data.data() + tail, data.size() - tail);
  size_t used = 1 + plan.phase + (data.size() - tail);
  for (size_t i = shape.stride; i-- > 0;) {
    const size_t size =
        put_plane(BytesView(planes[i], numbers), plan.pack[i], plan.search[i], level, out.subspan(used));
    if (size == 0) return 0;
    used += size;
  }
  return used;
}

size_t pack_frame(BytesView data, const FrameOptions& options, MutableBytes out) {
  if (options.codec == Codec::kRaw || data.size() < 2) return 0;
  Packer& packer = Packer::of_this_thread();
  const MutableBytes body = out.subspan(1);
  size_t size = 0;
  if (options.codec == Codec::kLz4) {
    out[0] = static_cast<char>(Kind::kLz4);
    size = packer.lz4(data, body);
  } else {
    const int level = options.level == 0 ? kDefaultZstdLevel : std::clamp(options.level, 1, kMaxZstdLevel);
    const FramePlan plan = options.byte_planes ? plan_frame(data, level) : FramePlan();
    if (plan.planes) {
      const size_t planes = pack_planes(data, plan, level, out.first(data.size() - 1));
      if (planes != 0) return planes;
    }
    out[0] = static_cast<char>(Kind::kZstd);
    size = packer.zstd(data, plan.looks_random ? 1 : level, body.first(data.size() - 2));
  }
  return size == 0 || size + 1 >= data.size() ? 0 : size + 1;
}

/// Writes the frame to `out`, which has room for the data, and returns its size.
size_t encode_into(BytesView data, const FrameOptions& options, MutableBytes out) {
  const size_t packed = pack_frame(data, options, out);
  if (packed != 0) return packed;
  std::memcpy(out.data(), data.data(), data.size());
  return data.size();
}

Error not_a_frame(const char* why) {
  return Error(Code::kCorruption, std::string("not a frame: ") + why);
}

Result<void> unpack_planes(BytesView frame, PlaneShape shape, unsigned phase, MutableBytes out) {
  if (phase >= shape.stride || out.size() < phase) return std::unexpected(not_a_frame("phase"));
  const size_t numbers = (out.size() - phase) / shape.stride;
  const size_t loose = out.size() - numbers * shape.stride;  // before the numbers and after them
  if (frame.size() < 1 + loose) return std::unexpected(not_a_frame("too short"));
  std::memcpy(out.data(), frame.data() + 1, phase);
  std::memcpy(out.data() + out.size() - (loose - phase), frame.data() + 1 + phase, loose - phase);
  frame.remove_prefix(1 + loose);

  Packer& packer = Packer::of_this_thread();
  PlaneInputs planes{};
  for (size_t i = shape.stride; i-- > 0;) {
    if (frame.size() < kPlaneHeadBytes) return std::unexpected(not_a_frame("a plane is missing"));
    const uint32_t head = static_cast<uint32_t>(static_cast<uint8_t>(frame[0])) << 16 |
                          static_cast<uint32_t>(static_cast<uint8_t>(frame[1])) << 8 | static_cast<uint8_t>(frame[2]);
    const size_t size = head & ~kPlanePackedBit;
    frame.remove_prefix(kPlaneHeadBytes);
    if (size > frame.size()) return std::unexpected(not_a_frame("a plane is cut short"));
    if ((head & kPlanePackedBit) == 0) {
      if (size != numbers) return std::unexpected(not_a_frame("a plane's length"));
      planes[i] = frame.data();
    } else {
      char* const plane = packer.planes() + i * numbers;
      if (!packer.unzstd(frame.substr(0, size), MutableBytes(plane, numbers))) {
        return std::unexpected(not_a_frame("a plane does not unpack"));
      }
      planes[i] = plane;
    }
    frame.remove_prefix(size);
  }
  if (!frame.empty()) return std::unexpected(not_a_frame("too long"));
  merge_planes(planes, numbers, shape, out.data() + phase);
  return ok;
}

}  // namespace

uint64_t frame_offset(const std::vector<uint32_t>& frames, size_t index) {
  uint64_t offset = 0;
  for (size_t i = 0; i < index && i < frames.size(); ++i) offset += frames[i];
  return offset;
}

bool frames_are_sound(const BlobRecord& blob, uint32_t overhead) {
  if (blob.length_bytes == 0 || blob.length_bytes > kMaxBlobBytes) return false;
  if (blob.frames.size() != frame_count(blob.length_bytes)) return false;
  for (size_t i = 0; i < blob.frames.size(); ++i) {
    const uint64_t most = frame_data_bytes(blob.length_bytes, i) + overhead;
    if (blob.frames[i] <= overhead || blob.frames[i] > most) return false;
  }
  return true;
}

Bytes encode_frame(BytesView data, const FrameOptions& options) {
  TP_CHECK(!data.empty() && data.size() <= kFrameBytes);
  Bytes out(data.size(), '\0');
  out.resize(encode_into(data, options, MutableBytes(out.data(), out.size())));
  return out;
}

EncodedFrames encode_frames(BytesView data, const FrameOptions& options) {
  EncodedFrames encoded;
  encoded.bytes.resize(data.size());
  encoded.sizes.reserve(frame_count(data.size()));
  size_t used = 0;
  for (size_t start = 0; start < data.size(); start += kFrameBytes) {
    const BytesView frame = data.substr(start, kFrameBytes);
    const size_t size = encode_into(frame, options, MutableBytes(encoded.bytes.data() + used, frame.size()));
    encoded.sizes.push_back(static_cast<uint32_t>(size));
    used += size;
  }
  encoded.bytes.resize(used);
  encoded.same_as_data = used == data.size();
  return encoded;
}

Result<void> decode_frame(BytesView frame, MutableBytes out) {
  if (out.empty() || out.size() > kFrameBytes || frame.empty() || frame.size() > out.size()) {
    return std::unexpected(not_a_frame("its length"));
  }
  if (frame.size() == out.size()) {
    std::memcpy(out.data(), frame.data(), out.size());
    return ok;
  }
  const auto head = static_cast<uint8_t>(frame[0]);
  const unsigned phase = head >> kPhaseShift;
  const auto kind = static_cast<Kind>(head & 0x0f);
  if (kind == Kind::kLz4 || kind == Kind::kZstd) {
    Packer& packer = Packer::of_this_thread();
    const BytesView body = frame.substr(1);
    if (phase == 0 && (kind == Kind::kLz4 ? packer.unlz4(body, out) : packer.unzstd(body, out))) return ok;
    return std::unexpected(not_a_frame("it does not unpack"));
  }
  switch (kind) {
    case Kind::kTwoPlanes:
      return unpack_planes(frame, {2, false}, phase, out);
    case Kind::kFourPlanes:
      return unpack_planes(frame, {4, false}, phase, out);
    case Kind::kTwoPlanesTurned:
      return unpack_planes(frame, {2, true}, phase, out);
    case Kind::kFourPlanesTurned:
      return unpack_planes(frame, {4, true}, phase, out);
    default:
      return std::unexpected(not_a_frame("of no known kind"));
  }
}

}  // namespace tp::blob
