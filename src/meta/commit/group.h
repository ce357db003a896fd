// Group: the overlay of a group commit in the making: what its transactions have written so far, over the engine.
// Invariant: after begin() ... rollback() it is as it was before begin(), except for inode numbers, which are never
// reused. Owner: the Committer; used on the shard's thread only.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <vector>

#include "base/ids.h"
#include "kv/engine.h"
#include "meta/commit/group_iterator.h"
#include "meta/journal.h"
#include "meta/record_source.h"

namespace tp::meta {

class Group {
 public:
  using Action = std::move_only_function<void()>;
  Group(kv::KvEngine& engine, uint64_t start_number);
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;

  /// A transaction starts; what it does from here on can be rolled back.
  void begin();
  void rollback();

  Result<std::optional<Bytes>> get(kv::Space space, BytesView key);
  Result<std::vector<std::optional<Bytes>>> multi_get(kv::Space space, std::span<const Bytes> keys);
  /// `visit` may write: keys behind it stay as visited, keys ahead are seen as written.
  Result<void> scan(kv::Space space, BytesView begin, BytesView end, const RecordSource::Visitor& visit);
  Result<std::optional<RecordSource::Record>> last_at_or_before(kv::Space space, BytesView begin, BytesView target);
  /// Not longer than the transaction.
  std::unique_ptr<kv::Iterator> iterate(kv::Space space, Bytes lower_bound, Bytes upper_bound);
  void write(kv::Space space, Bytes key, std::optional<Bytes> value);
  void journal(const Change& change);
  void after_commit(Action action) { actions_.push_back(std::move(action)); }
  InodeId new_inode_id();

  /// Of keys and values to be written.
  size_t size_bytes() const { return size_bytes_; }
  bool empty() const { return writes_ == 0 && changes_.empty(); }
  /// Everything to write; journal entries get the sequences after `*last`, which moves on.
  std::vector<kv::Write> take_writes(JournalSeq* last);
  /// The group is durable.
  void run_actions();
  /// Makes room for the next group.
  void clear();

 private:
  using Table = GroupIterator::Table;
  struct Undo {
    Table* table;
    Table::iterator at;
    bool was_there;
    std::optional<Bytes> old_value;
  };

  kv::KvEngine& engine_;
  std::array<Table, kv::kSpaceCount> tables_;
  std::vector<Bytes> changes_;   // encoded journal entries
  std::vector<Action> actions_;
  std::vector<Undo> undo_;       // of the transaction at hand
  uint64_t next_inode_;
  uint64_t writes_ = 0;          // counts up with every write() of the group that was not rolled back
  uint64_t moves_ = 0;           // counts up with every write()
  size_t size_bytes_ = 0;
  // At begin().
  size_t begin_changes_ = 0, begin_actions_ = 0, begin_size_bytes_ = 0;
  uint64_t begin_writes_ = 0;
};

}  // namespace tp::meta
