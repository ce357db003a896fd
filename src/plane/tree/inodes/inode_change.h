// What all changes of one file's record share, inside their transaction.
#pragma once

#include <functional>

#include "plane/core/core.h"
#include "plane/core/namespace.h"

namespace tp::plane {

/// Changes the record of a file or directory that is `before`.
using InodeEdit =
    std::function<Result<void>(Namespace& names, const FileAttributes& before, meta::InodeRecord& record)>;
/// Runs `edit` in a transaction of its own. kStale, kReadOnlyVolume.
Task<FileChange> change_inode(Core& core, FileId file, InodeEdit edit);
/// What a file protocol has given a directory stays though it loses its last child.
Result<void> keep_directory(Namespace& names, InodeId inode, meta::InodeRecord& record);

}  // namespace tp::plane
