// Layout: a file's record and where its bytes lie, as read at one time. Immutable.
#pragma once

#include <memory>
#include <vector>

#include "plane/core/core.h"

namespace tp::plane {

struct Layout {
  meta::InodeRecord record;
  Bytes small_record;                  // the stored value; `small` views into it
  BytesView small;
  std::vector<LocatedExtent> extents;  // in order; those of a window where the file has very many
  bool complete = false;               // nothing is missing of the extents
  uint64_t relocations = 0;            // Core::relocations when they were read
};
using LayoutPtr = std::shared_ptr<const Layout>;

/// The layout with the extents around [from, to). kStale; kConflict if it changed while it was read: try again.
Result<LayoutPtr> load_layout(Core& core, meta::ReadView& view, InodeId inode, uint64_t from, uint64_t to);
/// The same, out of the open files where it is there; tried again on kConflict.
Task<LayoutPtr> find_layout(Core& core, InodeId inode, uint64_t from, uint64_t to);

}  // namespace tp::plane
