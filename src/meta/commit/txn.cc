#include "meta/txn.h"

#include "meta/commit/group.h"

namespace tp::meta {

Result<std::optional<Bytes>> Txn::get(kv::Space space, BytesView key) { return group_.get(space, key); }

Result<std::vector<std::optional<Bytes>>> Txn::multi_get(kv::Space space, std::span<const Bytes> keys) {
  return group_.multi_get(space, keys);
}

Result<void> Txn::scan(kv::Space space, BytesView begin, BytesView end, const Visitor& visit) {
  return group_.scan(space, begin, end, visit);
}

Result<std::optional<RecordSource::Record>> Txn::last_at_or_before(kv::Space space, BytesView begin,
                                                                   BytesView target) {
  return group_.last_at_or_before(space, begin, target);
}

void Txn::put(kv::Space space, Bytes key, Bytes value) { group_.write(space, std::move(key), std::move(value)); }

void Txn::erase(kv::Space space, Bytes key) { group_.write(space, std::move(key), std::nullopt); }

void Txn::journal(Change change) {
  if (change.time == 0) change.time = wall_now_;
  group_.journal(change);
}

InodeId Txn::new_inode_id() { return group_.new_inode_id(); }

void Txn::after_commit(std::move_only_function<void()> action) { group_.after_commit(std::move(action)); }

}  // namespace tp::meta
