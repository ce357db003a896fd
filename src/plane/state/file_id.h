// FileId: a file, directory or link of one volume or snapshot. Its inode alone does not say which: a clone and its
// base, and every snapshot, have inodes of the same numbers.
#pragma once

#include <compare>

#include "base/ids.h"

namespace tp::plane {

struct FileId {
  VolumeId volume;
  InodeId inode;
  friend auto operator<=>(const FileId&, const FileId&) = default;
};

}  // namespace tp::plane

template <>
struct std::hash<tp::plane::FileId> {
  size_t operator()(const tp::plane::FileId& file) const noexcept {
    return std::hash<tp::InodeId>()(file.inode) ^ (std::hash<tp::VolumeId>()(file.volume) << 1);
  }
};
