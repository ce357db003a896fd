// encode_attributes(): a fattr4 of what a client asked for. AttributeSource: where the values come from.
// Spec: RFC 8881 §5.
#pragma once

#include <optional>

#include "front/nfs/core/nfs_front.h"
#include "front/nfs/v4/attributes/attribute_sets.h"
#include "front/nfs/v4/protocol.h"

namespace tp::nfs::v4 {

struct AttributeSource {
  const NfsCore& core;
  uint32_t minor = 2;
  HandleTarget target;
  plane::FileAttributes file;   // of the pseudo root: made up
  /// Asked for by kMountedOnFileId: in a volume's root, the number the volume has in the pseudo root.
  uint64_t mounted_on_fileid = 0;
  plane::SpaceStatus space;     // asked for by kSpaceAttributes
  Status read_error = Status::kOk;
};

/// The pseudo root's own number, and that of a volume's root in it.
inline constexpr uint64_t kPseudoRootFileId = 1;
inline uint64_t mount_point_fileid(VolumeId volume) { return volume.value; }

FileType file_type(meta::InodeType type);

/// Writes what is supported of `wanted`; the rest is left out, as the protocol says.
void encode_attributes(wire::XdrWriter& out, const Bitmap& wanted, const AttributeSource& source);
/// kInval if only settable attributes are among those wanted.
Status check_readable(const Bitmap& wanted);

}  // namespace tp::nfs::v4
