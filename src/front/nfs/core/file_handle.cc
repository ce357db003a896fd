#include "front/nfs/core/file_handle.h"

namespace tp::nfs {

namespace {

// version 1 | kind 1 | volume 8 | inode 8 | checksum 14
constexpr size_t kVolumeAt = 2, kInodeAt = 10, kMacAt = 18;
constexpr size_t kMacBytes = HandleCodec::kHandleBytes - kMacAt;
constexpr char kVersion = 1;
constexpr char kFileKind = 1, kPseudoRootKind = 2;
static_assert(kMacBytes == 14);

}  // namespace

Bytes HandleCodec::encode(const HandleTarget& target) const {
  Bytes handle(kHandleBytes, '\0');
  handle[0] = kVersion;
  handle[1] = target.pseudo_root ? kPseudoRootKind : kFileKind;
  put_be(handle.data() + kVolumeAt, target.file.volume.value);
  put_be(handle.data() + kInodeAt, target.file.inode.value);
  const Sha256Digest mac = mac_.sign(BytesView(handle).substr(0, kMacAt));
  handle.replace(kMacAt, kMacBytes, mac.data(), kMacBytes);
  return handle;
}

std::optional<HandleTarget> HandleCodec::decode(BytesView handle) const {
  if (handle.size() != kHandleBytes || handle[0] != kVersion) return std::nullopt;
  const Sha256Digest mac = mac_.sign(handle.substr(0, kMacAt));
  if (!equal_constant_time(handle.substr(kMacAt), as_view(mac).substr(0, kMacBytes))) return std::nullopt;
  HandleTarget target;
  target.file.volume = VolumeId(get_be<uint64_t>(handle.data() + kVolumeAt));
  target.file.inode = InodeId(get_be<uint64_t>(handle.data() + kInodeAt));
  if (handle[1] == kFileKind) return target;
  if (handle[1] != kPseudoRootKind) return std::nullopt;
  target.pseudo_root = true;
  return target;
}

}  // namespace tp::nfs
