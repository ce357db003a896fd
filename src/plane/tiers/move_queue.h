// The queue of files whose blobs are to go to another tier: records, so that nothing is forgotten by a crash, and a
// bounded list in memory that the mover works off.
#pragma once

#include <vector>

#include "plane/core/namespace.h"

namespace tp::plane {

/// The file's storage class has changed, or its bytes have: what is not on the tier of its class goes there in the
/// background, from `due` (wall) on. Part of the caller's transaction. Nothing to do for small data.
void queue_move(Namespace& names, InodeId inode, const meta::InodeRecord& record, rt::Nanos due = 0);

/// The same where something was written anew: only if its class is not of the hot tier.
void queue_new(Namespace& names, InodeId inode, const meta::InodeRecord& record);
/// The same where it was made of blobs that were there, on whatever tier.
void queue_shared(Namespace& names, InodeId inode, const meta::InodeRecord& record);

struct QueuedMove {
  FileId file;
  rt::Nanos due = 0;
};
/// The first of the queue from `begin` on; `next` is where to go on, empty at the end.
Result<std::vector<QueuedMove>> read_moves(meta::RecordSource& source, const Bytes& begin, size_t limit, Bytes* next);

/// The tier that the file's blobs belong on now.
uint8_t wanted_tier(const Core& core, const meta::InodeRecord& record, rt::Nanos wall_now);
/// Whether its bytes may be read: kPermissionDenied with Reason::kOffline.
Result<void> require_online(const Core& core, const meta::InodeRecord& record);

}  // namespace tp::plane
