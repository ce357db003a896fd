// Fetches the inodes that a listing names, many at a time and in inode order, and takes out of them what a listing
// shows.
#pragma once

#include <span>
#include <vector>

#include "meta/record_source.h"
#include "plane/object_types.h"

namespace tp::plane {

/// Fills everything but the key from what an inode's record, or its name's, says.
Result<void> fill_object(BytesView listed_inode, ListedObject& object);

/// Fills everything but the keys of `objects` from their inodes; those with no inode are left alone. kCorruption if an
/// inode is not there.
Result<void> fill_objects(meta::ReadView& view, std::span<const InodeId> inodes, std::span<ListedObject> objects);

/// Whether a directory holds any file at any depth.
Result<bool> has_live_children(meta::ReadView& view, InodeId directory);

}  // namespace tp::plane
