// FileAttributes out of a record: the one place where they are made.
#pragma once

#include "plane/core/core.h"

namespace tp::plane {

/// With what uncommitted writes have changed of the file now.
FileAttributes attributes_of(const Core& core, const meta::VolumeRecord& volume, InodeId inode,
                             const meta::InodeRecord& record);
/// The same with what they had changed before the record was read: outside transactions, ask OpenFiles first, so that a
/// commit in between shows twice rather than not at all.
FileAttributes attributes_of(const Core& core, const meta::VolumeRecord& volume, InodeId inode,
                             const meta::InodeRecord& record, const std::optional<OpenFiles::Live>& live);

}  // namespace tp::plane
