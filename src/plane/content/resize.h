// resize(): a file's size changed inside a transaction. After FilesImpl::flush(file, new size).
#pragma once

#include "plane/core/namespace.h"

namespace tp::plane {

/// Cuts the file's bytes or adds a hole, and makes record.size_bytes, place, etag, hole_bytes, blob_bytes and the
/// volume's counters say so. The caller sets the times, checks limits and writes the record; Namespace tells
/// Core::open_files. kTooLarge; kConflict if small data would outgrow its place: flush(file, new_size) and try again.
Result<void> resize(Namespace& names, InodeId inode, meta::InodeRecord& record, uint64_t new_size_bytes);

}  // namespace tp::plane
