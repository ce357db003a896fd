#include "meta/commit/group.h"

#include "base/check.h"
#include "meta/keys.h"

namespace tp::meta {

namespace {
// 2^24 starts of 2^40 inodes each.
constexpr int kInodeCounterBits = 40;
// Tables, log headers and so on, for the size limit of a group.
constexpr size_t kWriteOverheadBytes = 64;
}  // namespace

Group::Group(kv::KvEngine& engine, uint64_t start_number)
    : engine_(engine), next_inode_(start_number << kInodeCounterBits) {}

void Group::begin() {
  undo_.clear();
  begin_changes_ = changes_.size();
  begin_actions_ = actions_.size();
  begin_size_bytes_ = size_bytes_;
  begin_writes_ = writes_;
}

void Group::rollback() {
  while (!undo_.empty()) {
    Undo& undo = undo_.back();
    if (undo.was_there) {
      undo.at->second = std::move(undo.old_value);
    } else {
      undo.table->erase(undo.at);
    }
    undo_.pop_back();
  }
  changes_.resize(begin_changes_);
  while (actions_.size() > begin_actions_) actions_.pop_back();
  size_bytes_ = begin_size_bytes_;
  writes_ = begin_writes_;
}

Result<std::optional<Bytes>> Group::get(kv::Space space, BytesView key) {
  const Table& table = tables_[static_cast<size_t>(space)];
  if (!table.empty()) {
    if (const auto found = table.find(key); found != table.end()) return found->second;
  }
  return engine_.get(space, key);
}

Result<std::vector<std::optional<Bytes>>> Group::multi_get(kv::Space space, std::span<const Bytes> keys) {
  const Table& table = tables_[static_cast<size_t>(space)];
  if (table.empty()) return engine_.multi_get(space, keys);
  std::vector<std::optional<Bytes>> values(keys.size());
  std::vector<Bytes> missing;
  std::vector<size_t> missing_at;
  for (size_t i = 0; i < keys.size(); ++i) {
    if (const auto found = table.find(keys[i]); found != table.end()) {
      values[i] = found->second;
    } else {
      missing.push_back(keys[i]);
      missing_at.push_back(i);
    }
  }
  if (missing.empty()) return values;
  TP_TRY(auto stored, engine_.multi_get(space, missing));
  for (size_t i = 0; i < stored.size(); ++i) values[missing_at[i]] = std::move(stored[i]);
  return values;
}

Result<void> Group::scan(kv::Space space, BytesView begin, BytesView end, const RecordSource::Visitor& visit) {
  if (!end.empty() && begin >= end) return ok;
  const Table& table = tables_[static_cast<size_t>(space)];
  const auto stored = engine_.iterate(space, {.lower_bound = Bytes(begin), .upper_bound = Bytes(end)});
  stored->seek(begin);
  auto own = table.lower_bound(begin);
  for (;;) {
    const bool has_stored = stored->valid();
    if (!has_stored) TP_TRY_VOID(stored->status());
    const bool has_own = own != table.end() && (end.empty() || own->first < end);
    if (!has_stored && !has_own) return ok;
    const bool own_first = has_own && (!has_stored || own->first <= stored->key());
    const bool both = own_first && has_stored && own->first == stored->key();
    const uint64_t moves_before = moves_;
    if (own_first) {
      // Copied, because the visitor may overwrite the record it looks at.
      const std::optional<Bytes> value = own->second;
      if (value && !visit(own->first, *value)) return ok;
      ++own;
    } else {
      if (!visit(stored->key(), stored->value())) return ok;
      if (moves_ != moves_before) own = table.upper_bound(stored->key());
    }
    if (both || !own_first) stored->next();
  }
}

Result<std::optional<RecordSource::Record>> Group::last_at_or_before(kv::Space space, BytesView begin,
                                                                     BytesView target) {
  using Record = RecordSource::Record;
  const Table& table = tables_[static_cast<size_t>(space)];
  const auto stored = engine_.iterate(space, {.lower_bound = Bytes(begin)});
  stored->seek_for_prev(target);
  auto own = table.upper_bound(target);  // those before it are candidates
  for (;;) {
    const bool has_stored = stored->valid();
    if (!has_stored) TP_TRY_VOID(stored->status());
    const bool has_own = own != table.begin() && std::prev(own)->first >= begin;
    if (!has_stored && !has_own) return std::nullopt;
    if (!has_own || (has_stored && stored->key() > std::prev(own)->first)) {
      return std::optional(Record{Bytes(stored->key()), Bytes(stored->value())});
    }
    --own;
    if (own->second) return std::optional(Record{own->first, *own->second});
    if (has_stored && stored->key() == own->first) stored->prev();  // erased by this group
  }
}

std::unique_ptr<kv::Iterator> Group::iterate(kv::Space space, Bytes lower_bound, Bytes upper_bound) {
  auto stored = engine_.iterate(space, {.lower_bound = lower_bound, .upper_bound = upper_bound});
  return std::make_unique<GroupIterator>(tables_[static_cast<size_t>(space)], std::move(stored),
                                         std::move(lower_bound), std::move(upper_bound));
}

void Group::write(kv::Space space, Bytes key, std::optional<Bytes> value) {
  ++writes_;
  ++moves_;
  size_bytes_ += key.size() + (value ? value->size() : 0) + kWriteOverheadBytes;
  Table& table = tables_[static_cast<size_t>(space)];
  const auto [at, is_new] = table.try_emplace(std::move(key));
  undo_.push_back({&table, at, !is_new, std::move(at->second)});
  at->second = std::move(value);
}

void Group::journal(const Change& change) {
  changes_.push_back(encode_change(change));
  size_bytes_ += changes_.back().size() + kWriteOverheadBytes;
}

InodeId Group::new_inode_id() {
  // The last number of a start is never reached: at a million a second it would take 12 days of one run.
  const InodeId id(++next_inode_);
  TP_CHECK((id.value & ((uint64_t{1} << kInodeCounterBits) - 1)) != 0);
  return id;
}

std::vector<kv::Write> Group::take_writes(JournalSeq* last) {
  size_t count = changes_.size();
  for (const Table& table : tables_) count += table.size();
  std::vector<kv::Write> writes;
  writes.reserve(count);
  undo_.clear();
  for (int i = 0; i < kv::kSpaceCount; ++i) {
    Table& table = tables_[static_cast<size_t>(i)];
    while (!table.empty()) {
      auto node = table.extract(table.begin());
      writes.push_back({static_cast<kv::Space>(i), std::move(node.key()), std::move(node.mapped())});
    }
  }
  for (Bytes& change : changes_) {
    ++last->value;
    writes.push_back({kv::Space::kJournal, journal_key(*last), std::move(change)});
  }
  return writes;
}

void Group::run_actions() {
  for (Action& action : actions_) action();
}

void Group::clear() {
  for (Table& table : tables_) table.clear();
  changes_.clear();
  actions_.clear();
  undo_.clear();
  writes_ = 0;
  size_bytes_ = 0;
}

}  // namespace tp::meta
