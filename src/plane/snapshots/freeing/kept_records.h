// KeptRecords: the history of one volume inside a transaction that frees: entries move to an older snapshot or go with
// their references. Works past the volume's layer and write scope: what it writes is no change of the volume.
#pragma once

#include <optional>
#include <vector>

#include "meta/history/history_records.h"
#include "plane/core/namespace.h"

namespace tp::plane {

class KeptRecords {
 public:
  /// `names`: of the volume; from here on the transaction writes records as they are stored.
  KeptRecords(Namespace& names, const VolumeEntry& volume);

  /// At most `limit` of what `at` keeps.
  Result<std::vector<meta::KeptKey>> of_epoch(Epoch at, size_t limit);
  /// The entry of `from` goes to `to`, the next older snapshot (zero: there is none), if that saw it; else it goes.
  /// False: an inode with so many extents that more of them are left for the next transaction.
  Result<bool> release(const meta::KeptKey& kept, Epoch from, Epoch to);
  /// Erases the inode's records, at most `limit` of its extents at once; true: all of them are gone.
  Result<bool> erase_inode(InodeId inode, size_t limit);
  /// The reference that an extent record, which has gone, had.
  Result<void> drop_extent(BytesView key, BytesView value);

 private:
  Result<void> release_record(const meta::KeptKey& kept, Epoch from, Epoch to);
  Result<bool> release_held(const meta::KeptKey& kept, Epoch from, Epoch to);
  /// The first history of the record at or after `at`.
  Result<std::optional<Epoch>> first_kept(kv::Space space, BytesView key, Epoch at);
  void keep(kv::Space space, BytesView key, Epoch at, Bytes stored);
  void erase_entry(const meta::KeptKey& kept, Epoch at);
  /// Where the inode's own records of a space are: [begin, end) in which space.
  struct Place {
    kv::Space space;
    Bytes begin, end;
    size_t prefix_bytes;  // in front of the records' own keys
  };
  Place place_of(kv::Space space, InodeId inode) const;
  /// Each record that the inode has of its own: kept for `to` if it is not zero and has no history of it, else gone.
  Result<bool> erase_records(InodeId inode, Epoch to, size_t limit);

  Namespace& names_;
  meta::Txn& txn_;
  const VolumeEntry& volume_;
};

}  // namespace tp::plane
