#include "plane/tree/attributes.h"

#include <algorithm>

#include "plane/core/namespace.h"
#include "plane/rights/posix_owner.h"

namespace tp::plane {
namespace {

constexpr uint64_t kDirectoryBytes = 4096;

}  // namespace

FileAttributes attributes_of(const Core& core, const meta::VolumeRecord& volume, InodeId inode,
                             const meta::InodeRecord& record, const std::optional<OpenFiles::Live>& live) {
  const PosixOwner owner = posix_owner(core, volume, record);
  const bool directory = record.type == meta::InodeType::kDirectory;
  FileAttributes attributes;
  attributes.file = {volume.id, inode};
  attributes.type = record.type;
  attributes.mode = owner.mode;
  attributes.uid = owner.uid;
  attributes.gid = owner.gid;
  attributes.links = directory ? std::max<uint32_t>(record.links, 2) : record.links;
  attributes.size_bytes = directory ? kDirectoryBytes : record.size_bytes;
  attributes.space_bytes = directory ? kDirectoryBytes : counted_bytes(record);
  attributes.device = record.device;
  attributes.modified = record.modified;
  attributes.changed = record.changed;
  attributes.created = record.created;
  if (live) {
    attributes.size_bytes = std::max(attributes.size_bytes, live->size_bytes);
    attributes.space_bytes = std::max(attributes.space_bytes, live->space_bytes);
    attributes.modified = live->modified;
    attributes.changed = std::max(record.changed, live->changed);
  }
  attributes.accessed = record.accessed != 0 ? record.accessed : attributes.modified;
  return attributes;
}

FileAttributes attributes_of(const Core& core, const meta::VolumeRecord& volume, InodeId inode,
                             const meta::InodeRecord& record) {
  return attributes_of(core, volume, inode, record, core.open_files.live({volume.id, inode}));
}

}  // namespace tp::plane
