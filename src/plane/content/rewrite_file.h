// rewrite_file: what lives in blobs of a file that are mostly dead, or lies in many small extents, is copied into new
// blobs, in the file's order, and the extents lead there: blobs die, and extents are large again.
#pragma once

#include "plane/core/core.h"

namespace tp::plane {

/// Does nothing for a file that is not to be rewritten (any more), but that its record goes. Beside everything else: an
/// extent that changes meanwhile is left alone, and so is a blob that others share: copying it would free nothing. If
/// it fails, what was done so far stays, and the file has the same bytes. On one loop; one call a file at a time.
/// kCancelled once `*stopping`.
Task<void> rewrite_file(Core& core, FileId file, const bool* stopping);

}  // namespace tp::plane
