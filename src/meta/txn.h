// Txn: one transaction on a shard's own thread. It reads its own writes and those of the transactions before it in the
// same group; its writes reach the engine with the group's, all or none, synced once. A Txn whose function fails leaves
// nothing.
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

  Result<std::optional<Bytes>> get(kv::Space space, BytesView key) override;
  Result<std::vector<std::optional<Bytes>>> multi_get(kv::Space space, std::span<const Bytes> keys) override;
  Result<void> scan(kv::Space space, BytesView begin, BytesView end, const Visitor& visit) override;
  Result<std::optional<Record>> last_at_or_before(kv::Space space, BytesView begin, BytesView target) override;

  void put(kv::Space space, Bytes key, Bytes value);
  void erase(kv::Space space, Bytes key);
  /// Appends to the shard's journal; the sequence is given when the group is written.
  void journal(Change change);

  /// A number never given before on this shard.
  InodeId new_inode_id();
  /// Wall time, nanoseconds since the epoch; never goes back within a shard.
  rt::Nanos wall_now() const { return wall_now_; }

  /// Runs on the shard's thread once the group is durable, before the transaction's caller resumes: cache
  /// invalidation, handing dead blobs to the collector.
  void after_commit(std::move_only_function<void()> action);

 private:
  friend class Committer;
  friend class Group;
  Group& group_;
  rt::Nanos wall_now_;
};

}  // namespace tp::meta
