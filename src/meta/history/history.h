// What snapshots keep, for those who take, compare and delete them. All in terms of one volume's own history; freeing
// what an entry refers to is the plane's (Namespace::release). Rules and bytes: docs/formats/history.md.
#pragma once

#include <vector>

#include "meta/history/history_records.h"
#include "meta/record_source.h"
#include "meta/txn.h"

namespace tp::meta {

struct KeptEntry {
  Epoch at;
  KeptValue what;
};

/// The record's value at `at` itself, if something has changed between it and the next epoch.
Result<std::optional<KeptValue>> kept_at(RecordSource& source, VolumeId volume, kv::Space space, BytesView key,
                                         Epoch at);
/// The first entry of the record at or after `at`: what it was at `at`. nullopt: it is as it is now.
Result<std::optional<KeptEntry>> first_kept(RecordSource& source, VolumeId volume, kv::Space space, BytesView key,
                                            Epoch at);
/// The last epoch before `at` that has an entry of the record; zero: none.
Result<Epoch> last_kept_before(RecordSource& source, VolumeId volume, kv::Space space, BytesView key, Epoch at);

/// What an epoch keeps of a volume, at most `limit` entries from `begin` on (empty: the first). Held inodes first, then
/// by space and key.
struct KeptPage {
  std::vector<KeptKey> entries;
  Bytes next;  // where to go on; empty: that was all
};
Result<KeptPage> kept_by(RecordSource& source, VolumeId volume, Epoch at, BytesView begin, size_t limit);

/// An entry with its place in the index. Of a held inode: the index alone.
void put_kept(Txn& txn, Epoch at, const KeptKey& key, const KeptValue& what);
void erase_kept(Txn& txn, Epoch at, const KeptKey& key);

/// The newest snapshot of the volume that is not being deleted, at or before `at`; zero: none.
Result<Epoch> newest_snapshot(RecordSource& source, VolumeId volume, Epoch at);

}  // namespace tp::meta
