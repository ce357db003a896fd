// What the records say of blobs and of histories, counted anew without the plane's own code.
#pragma once

#include "kv/engine.h"

namespace tp::test {

/// Every blob has as many references as there are extent records that name it, in inodes, overlays and histories; every
/// history record is in the index of its epoch and the other way round. No uploads.
Result<void> check_stored_references(kv::KvEngine& engine);
/// Nothing of files, histories, overlays and blobs is left but `inodes` inode records.
Result<void> check_nothing_stored(kv::KvEngine& engine, size_t inodes);

}  // namespace tp::test
