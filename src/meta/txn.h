// Txn: one transaction on a shard's own thread. It reads its own writes and those of the transactions before it in the
// same group; its writes reach the engine with the group's, all or none, synced once. A Txn whose function fails leaves
// nothing. Once it has entered a volume, its reads and writes of tracked spaces are that volume's: what snapshots keep
// goes to their history by itself (docs/formats/history.md).
#pragma once

#include <functional>
#include <map>
#include <vector>

#include "base/ids.h"
#include "meta/journal.h"
#include "meta/record_source.h"
#include "rt/env/clock.h"

namespace tp::meta {

class Group;  // the overlay of a group commit in the making

class Txn final : public RecordSource {
 public:
  Txn(Group& group, rt::Nanos wall_now) : group_(group), wall_now_(wall_now) {}
  Txn(const Txn&) = delete;
  Txn& operator=(const Txn&) = delete;

  /// From here on records of tracked spaces are this volume's, until it enters another. Without a scope they are as
  /// they lie, and nothing is kept. A snapshot's scope (layer->at) can be read, not written.
  void enter(const WriteScope& scope) { scope_ = scope; }
  const WriteScope& scope() const { return scope_; }

  Result<std::optional<Bytes>> get(kv::Space space, BytesView key) override;
  Result<std::vector<std::optional<Bytes>>> multi_get(kv::Space space, std::span<const Bytes> keys) override;
  Result<void> scan(kv::Space space, BytesView begin, BytesView end, const Visitor& visit) override;
  Result<std::optional<Record>> last_at_or_before(kv::Space space, BytesView begin, BytesView target) override;

  /// What goes wrong in writing history fails the transaction at its end: status().
  void put(kv::Space space, Bytes key, Bytes value);
  void erase(kv::Space space, Bytes key);
  /// put() or erase() that says whether the volume's own old value is gone for good: history does not keep it, nor is
  /// it another volume's. So what it referred to has a reference less. (If there was none, the answer says nothing.)
  Result<bool> replace(kv::Space space, Bytes key, std::optional<Bytes> value);
  /// The same for a record of an inode whose own record is gone: of a clone it takes only what is the clone's own, and
  /// what the base has shows again, to nobody.
  Result<bool> forget(kv::Space space, Bytes key);
  /// Drops an inode in O(1) where a snapshot sees it as it is: its record goes, small data and extents stay where they
  /// are, with what they refer to, and the snapshot's index says so. False: they must go one by one.
  Result<bool> hold(InodeId inode);
  /// The records of this inode that are the volume's own: of a clone those of its overlay, also whiteouts (no value).
  struct OwnRecord {
    Bytes key;
    std::optional<Bytes> value;
  };
  Result<std::vector<OwnRecord>> own_records(kv::Space space, InodeId inode);

  /// Appends to the shard's journal; the sequence is given when the group is written.
  void journal(Change change);

  /// A number never given before on this shard.
  InodeId new_inode_id();
  /// Wall time, nanoseconds since the epoch; never goes back within a shard.
  rt::Nanos wall_now() const { return wall_now_; }

  /// Runs on the shard's thread once the group is durable, before the transaction's caller resumes: cache
  /// invalidation, handing dead blobs to the collector.
  void after_commit(std::move_only_function<void()> action);

  /// The first error of put() and erase(); the transaction fails with it.
  Result<void> status() const;

 private:
  friend class Committer;
  friend class Group;
  friend class TxnView;

  /// Whether the scope's clone has this inode from its base.
  bool in_overlay(InodeId inode) const;
  /// Whether the newest snapshot sees the record and its history does not have it yet.
  Result<bool> must_keep(kv::Space space, BytesView key);
  void keep(kv::Space space, BytesView key, uint8_t kind, BytesView value);
  Result<bool> replace_in_overlay(kv::Space space, Bytes key, std::optional<Bytes> value, bool whiteout);
  Result<bool> change(kv::Space space, Bytes key, std::optional<Bytes> value, bool whiteout);

  Group& group_;
  rt::Nanos wall_now_;
  WriteScope scope_;
  std::optional<Error> error_;
};

/// What a transaction reads of another volume than the one that it changes, its own writes included.
class TxnView final : public RecordSource {
 public:
  /// `layer`: null for a volume that is neither snapshot nor clone. The transaction outlives it.
  TxnView(Txn& txn, LayerPtr layer) : txn_(txn), layer_(std::move(layer)) {}

  Result<std::optional<Bytes>> get(kv::Space space, BytesView key) override;
  Result<std::vector<std::optional<Bytes>>> multi_get(kv::Space space, std::span<const Bytes> keys) override;
  Result<void> scan(kv::Space space, BytesView begin, BytesView end, const Visitor& visit) override;
  Result<std::optional<Record>> last_at_or_before(kv::Space space, BytesView begin, BytesView target) override;

 private:
  Txn& txn_;
  const LayerPtr layer_;
};

}  // namespace tp::meta
