#include "front/nfs/v4/attributes/decode.h"

#include <charconv>

namespace tp::nfs::v4 {
namespace {

constexpr uint32_t kMostAttributeBytes = 64 << 10;
constexpr uint32_t kMostOwnerBytes = 1024;
constexpr uint32_t kSetToServerTime = 0, kSetToClientTime = 1;
constexpr int64_t kMostSeconds = INT64_MAX / rt::kSecond - 1;

/// settime4.
Status read_time(wire::XdrReader& in, bool* now, std::optional<rt::Nanos>* time) {
  const uint32_t how = in.u32();
  if (how == kSetToServerTime) {
    *now = true;
    return Status::kOk;
  }
  if (how != kSetToClientTime) return Status::kBadXdr;
  const int64_t seconds = in.i64();
  const uint32_t nanoseconds = in.u32();
  if (!in.good()) return Status::kBadXdr;
  if (nanoseconds >= rt::kSecond || seconds > kMostSeconds || seconds < -kMostSeconds) return Status::kInval;
  *time = seconds * rt::kSecond + nanoseconds;
  return Status::kOk;
}

Status read_owner(wire::XdrReader& in, std::optional<uint32_t>* id) {
  const BytesView text = in.opaque(kMostOwnerBytes);
  if (!in.good()) return Status::kBadXdr;
  uint32_t value = 0;
  if (!parse_owner(text, &value)) return Status::kBadOwner;
  *id = value;
  return Status::kOk;
}

Status read_value(wire::XdrReader& in, Attribute attribute, plane::SetAttributes* set) {
  switch (attribute) {
    case Attribute::kSize: {
      const uint64_t size = in.u64();
      if (size > plane::kMaxFileBytes) return Status::kFbig;
      set->size_bytes = size;
      return Status::kOk;
    }
    case Attribute::kMode: {
      const uint32_t mode = in.u32();
      if (mode > 07777) return Status::kInval;
      set->mode = mode;
      return Status::kOk;
    }
    case Attribute::kModeUmask: {
      const uint32_t mode = in.u32(), umask = in.u32();
      if (mode > 07777 || umask > 0777) return Status::kInval;
      set->mode = mode & ~umask;
      return Status::kOk;
    }
    case Attribute::kOwner: return read_owner(in, &set->uid);
    case Attribute::kOwnerGroup: return read_owner(in, &set->gid);
    case Attribute::kTimeAccessSet: return read_time(in, &set->accessed_now, &set->accessed);
    case Attribute::kTimeModifySet: return read_time(in, &set->modified_now, &set->modified);
    default: return Status::kAttrNotSupp;
  }
}

Status check_settable(const Bitmap& bits, uint32_t minor, bool creating) {
  const Bitmap& supported = supported_attributes(minor);
  if (bits.unknown() || !bits.without(supported).empty()) return Status::kAttrNotSupp;
  if (!bits.without(kSettableAttributes).empty()) return Status::kInval;
  if (bits.has(Attribute::kModeUmask) && (!creating || bits.has(Attribute::kMode))) return Status::kInval;
  return Status::kOk;
}

}  // namespace

bool parse_owner(BytesView text, uint32_t* id) {
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *id);
  return error == std::errc() && end == text.data() + text.size();
}

SettableAttributes decode_settable(wire::XdrReader& in, uint32_t minor, bool creating) {
  SettableAttributes result;
  result.bits = Bitmap::read(in);
  const BytesView list = in.opaque(kMostAttributeBytes);
  if (!in.good()) {
    result.status = Status::kBadXdr;
    return result;
  }
  result.status = check_settable(result.bits, minor, creating);
  wire::XdrReader values(list);
  for (unsigned bit = 0; bit < Bitmap::kWords * 32 && result.status == Status::kOk; ++bit) {
    const auto attribute = static_cast<Attribute>(bit);
    if (result.bits.has(attribute)) result.status = read_value(values, attribute, &result.set);
  }
  if (result.status == Status::kOk && (!values.good() || !values.at_end())) result.status = Status::kBadXdr;
  return result;
}

}  // namespace tp::nfs::v4
