// DifferenceFinder: goes through what the epochs between two points in time keep, which is what has changed, and says
// of each name what became of it. Directories that are new are walked; nothing else is. One page's work on one view of
// the engine. Blocking. Spec: docs/snapshots.md, differences.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "meta/history/history_records.h"
#include "plane/core/core.h"
#include "plane/snapshots.h"

namespace tp::plane {

struct DifferenceRange {
  VolumeId volume;
  InodeId root;
  Epoch from, to;  // `to` zero: now
  meta::LayerPtr before, after;
  std::vector<Epoch> epochs;  // all that have history in [from, to), also those being deleted
};

class DifferenceFinder {
 public:
  /// `snapshot`, of the engine, and `range` outlive it.
  DifferenceFinder(kv::KvEngine& engine, const kv::Snapshot& snapshot, const DifferenceRange& range);

  /// The differences after `cursor` ("": from the beginning), about `most`. kInvalidArgument for a cursor that no page
  /// ended with.
  Result<DifferencePage> find(std::string_view cursor, size_t most);

 private:
  /// Where a page ended: an entry of the index and, where that led to a new directory, how far its walk came.
  struct Position {
    Bytes index_key;
    Bytes walked;
    bool walking = false;
  };
  using Names = std::vector<meta::LinkName>;

  static Result<Position> parse(std::string_view cursor);
  static std::string print(const Position& position);

  /// True: the page ends at position_.
  Result<bool> look_at_epoch(Epoch at, const Position& start);
  Result<void> look_at(const meta::KeptKey& kept, Epoch at);
  Result<void> look_at_name(const meta::KeptKey& kept);
  Result<void> look_at_inode(const meta::KeptKey& kept);
  /// A name that leads to something else than before, or to nothing, or did so.
  Result<void> added(const meta::LinkName& name, bool directory, const meta::NameRecord& leads_to);
  Result<void> removed(const meta::LinkName& name, bool directory, const meta::NameRecord& led_to);
  Result<void> file_changed(const meta::LinkName& name, InodeId inode);
  /// Everything in a directory that was not there before, from `walked` on.
  Result<void> walk(InodeId directory, const Bytes& path);

  bool full() const { return page_.differences.size() >= most_ || looked_at_ >= kLookAtMost; }
  void add(DifferenceKind kind, Bytes key, uint64_t size_bytes, Bytes new_key = {});

  Result<bool> is_first(const meta::KeptKey& kept, Epoch at);
  Result<Names> names_of(meta::ReadView& view, InodeId inode);
  /// Where the name was before that `name` has got for it; nullopt: it is a further name, or the file is new.
  Result<std::optional<meta::LinkName>> came_from(const meta::LinkName& name, InodeId inode);
  Result<bool> moved_away(const meta::LinkName& name, InodeId inode);
  /// "a/b/" of a directory; nullopt if it is not below the root.
  using Paths = std::unordered_map<InodeId, Bytes>;
  Result<std::optional<Bytes>> path_of(meta::ReadView& view, Paths& paths, InodeId directory);
  Result<bool> exists(meta::ReadView& view, BytesView path);
  Result<uint64_t> size_of(meta::ReadView& view, InodeId inode);

  /// Entries of one page, whatever they say.
  static constexpr size_t kLookAtMost = 20'000;

  const DifferenceRange& range_;
  meta::ReadView stored_, before_, after_;
  Paths paths_before_, paths_after_;
  DifferencePage page_;
  size_t most_ = 0, looked_at_ = 0;
  Position position_;        // of the entry in hand
  bool walk_on_ = false;     // it has been told of, but for the rest of its walk
  bool unfinished_ = false;  // the walk that it led to
};

}  // namespace tp::plane
