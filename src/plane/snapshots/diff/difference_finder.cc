#include "plane/snapshots/diff/difference_finder.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include "meta/keys.h"
#include "plane/core/object_lookup.h"
#include "plane/list/tree_walker.h"

namespace tp::plane {
namespace {

using kv::Space;

/// Longer chains of parents than any tree has are a loop.
constexpr size_t kMaxDepth = 100'000;
constexpr char kWalked = '.';  // in a cursor, before how far the walk came

Result<Bytes> bytes_of(std::string_view hex) {
  Bytes bytes(hex.size() / 2, '\0');
  if (!from_hex(hex, bytes)) return fail(Code::kInvalidArgument, "that is no place to go on at");
  return bytes;
}

/// What others see of a directory itself; its times move with its entries.
bool same_directory(const meta::InodeRecord& a, const meta::InodeRecord& b) {
  return a.posix == b.posix && a.mode == b.mode && a.uid == b.uid && a.gid == b.gid && a.attributes == b.attributes;
}

Result<std::optional<meta::NameRecord>> name_at(meta::ReadView& view, BytesView key) {
  TP_TRY(const auto value, view.get(Space::kNames, key));
  if (!value) return std::nullopt;
  TP_TRY(auto name, meta::decode_name(*value));
  return std::optional(std::move(name));
}

}  // namespace

DifferenceFinder::DifferenceFinder(kv::KvEngine& engine, const kv::Snapshot& snapshot, const DifferenceRange& range)
    : range_(range),
      stored_(engine, kv::ReadMode::kAny, &snapshot),
      before_(engine, kv::ReadMode::kAny, &snapshot, range.before),
      after_(engine, kv::ReadMode::kAny, &snapshot, range.after) {}

Result<DifferenceFinder::Position> DifferenceFinder::parse(std::string_view cursor) {
  Position position;
  const size_t dot = cursor.find(kWalked);
  position.walking = dot != std::string_view::npos;
  TP_TRY(position.index_key, bytes_of(cursor.substr(0, dot)));
  if (position.walking) {
    TP_TRY(position.walked, bytes_of(cursor.substr(dot + 1)));
  }
  return position;
}

std::string DifferenceFinder::print(const Position& position) {
  std::string cursor = to_hex(position.index_key);
  if (position.walking) cursor += kWalked + to_hex(position.walked);
  return cursor;
}

Result<DifferencePage> DifferenceFinder::find(std::string_view cursor, size_t most) {
  most_ = most;
  Position start;
  if (!cursor.empty()) {
    TP_TRY(start, parse(cursor));
  }
  // The newest first: what a deleted snapshot leaves to an older one between two pages is still to come.
  for (const Epoch at : std::views::reverse(range_.epochs)) {
    TP_TRY(const bool more, look_at_epoch(at, start));
    if (!more) continue;
    page_.next = print(position_);
    break;
  }
  return std::move(page_);
}

Result<bool> DifferenceFinder::look_at_epoch(Epoch at, const Position& start) {
  Bytes begin = meta::kept_index_begin(at, range_.volume);
  const Bytes end = meta::kept_index_end(at, range_.volume);
  if (!start.index_key.empty() && begin > start.index_key) return false;  // of an earlier page
  if (start.index_key >= begin && start.index_key < end) begin = start.index_key;
  const auto entries = stored_.iterate(Space::kHistory, begin, end);
  entries->seek(begin);
  if (entries->valid() && entries->key() == BytesView(start.index_key) && !start.walking) entries->next();
  for (; entries->valid(); entries->next()) {
    if (full()) return true;
    ++looked_at_;
    const bool resumed = start.walking && entries->key() == BytesView(start.index_key);
    position_ = resumed ? start : Position{Bytes(entries->key()), Bytes(), false};
    TP_TRY(const meta::KeptKey kept, meta::parse_kept_index_key(entries->key()));
    TP_TRY_VOID(look_at(kept, at));
    if (unfinished_) return true;
  }
  TP_TRY_VOID(entries->status());
  return false;
}

Result<void> DifferenceFinder::look_at(const meta::KeptKey& kept, Epoch at) {
  if (kept.space != Space::kNames && kept.space != Space::kInodes) return ok;
  // A record that changed again after a later snapshot is in that one's index, too.
  TP_TRY(const bool first, is_first(kept, at));
  if (!first) return ok;
  return kept.space == Space::kNames ? look_at_name(kept) : look_at_inode(kept);
}

Result<bool> DifferenceFinder::is_first(const meta::KeptKey& kept, Epoch at) {
  const Bytes from = meta::history_key(range_.volume, kept.space, kept.key, range_.from);
  const auto history =
      stored_.iterate(Space::kHistory, from, meta::history_key(range_.volume, kept.space, kept.key, at));
  history->seek(from);
  TP_TRY_VOID(history->status());
  return !history->valid();
}

Result<void> DifferenceFinder::look_at_name(const meta::KeptKey& kept) {
  TP_TRY(const auto parts, meta::parse_name_key(kept.key));
  const meta::LinkName name{parts.parent, Bytes(parts.name)};
  TP_TRY(const auto led_to, name_at(before_, kept.key));
  TP_TRY(const auto leads_to, name_at(after_, kept.key));
  const bool same = led_to && leads_to && led_to->inode == leads_to->inode;
  if (same) return parts.directory ? ok : file_changed(name, led_to->inode);
  walk_on_ = position_.walking;
  if (led_to && !walk_on_) TP_TRY_VOID(removed(name, parts.directory, *led_to));
  if (leads_to) TP_TRY_VOID(added(name, parts.directory, *leads_to));
  return ok;
}

Result<void> DifferenceFinder::file_changed(const meta::LinkName& name, InodeId inode) {
  TP_TRY(const auto old, find_inode(before_, inode));
  TP_TRY(const auto now, find_inode(after_, inode));
  if (!old || !now || old->changed == now->changed) return ok;
  // Names of files that have several do not change with them: look_at_inode() tells of all.
  if (!old->further_names.empty() && !now->further_names.empty()) return ok;
  TP_TRY(auto path, path_of(after_, paths_after_, name.parent));
  if (path) add(DifferenceKind::kChanged, *path + name.name, now->size_bytes);
  return ok;
}

Result<void> DifferenceFinder::look_at_inode(const meta::KeptKey& kept) {
  const InodeId inode = kept.inode();
  TP_TRY(const auto old, find_inode(before_, inode));
  TP_TRY(const auto now, find_inode(after_, inode));
  if (!old || !now || old->type != now->type) return ok;
  if (now->type == meta::InodeType::kDirectory) {
    if (same_directory(*old, *now)) return ok;
    TP_TRY(auto path, path_of(after_, paths_after_, inode));
    if (path) add(DifferenceKind::kChanged, std::move(*path), 0);
    return ok;
  }
  if (old->further_names.empty() || now->further_names.empty() || old->changed == now->changed) return ok;
  TP_TRY(const Names were, names_of(before_, inode));
  TP_TRY(const Names are, names_of(after_, inode));
  for (const meta::LinkName& name : are) {
    if (std::ranges::find(were, name) == were.end()) continue;  // its name record tells
    TP_TRY(auto path, path_of(after_, paths_after_, name.parent));
    if (path) add(DifferenceKind::kChanged, *path + name.name, now->size_bytes);
  }
  return ok;
}

Result<void> DifferenceFinder::added(const meta::LinkName& name, bool directory, const meta::NameRecord& leads_to) {
  TP_TRY(auto parent, path_of(after_, paths_after_, name.parent));
  if (!parent) return ok;
  const Bytes path = *parent + name.name + (directory ? "/" : "");
  const bool is_new = leads_to.inode.value >= range_.from.value;
  if (std::exchange(walk_on_, false)) return directory && is_new ? walk(leads_to.inode, path) : ok;
  if (!is_new) {
    TP_TRY(const auto old, came_from(name, leads_to.inode));
    if (old) {
      TP_TRY(auto old_parent, path_of(before_, paths_before_, old->parent));
      if (!old_parent) return ok;
      TP_TRY(const uint64_t size, directory ? Result<uint64_t>(0) : size_of(after_, leads_to.inode));
      add(DifferenceKind::kRenamed, *old_parent + old->name + (directory ? "/" : ""), size, path);
      return ok;
    }
  }
  TP_TRY(const bool was, exists(before_, path));
  if (directory) {
    // What S3 made with a key is no thing of its own.
    if (!leads_to.implicit && !was) add(DifferenceKind::kCreated, path, 0);
    return is_new ? walk(leads_to.inode, path) : ok;
  }
  TP_TRY(const uint64_t size, size_of(after_, leads_to.inode));
  add(was ? DifferenceKind::kChanged : DifferenceKind::kCreated, path, size);
  return ok;
}

Result<void> DifferenceFinder::removed(const meta::LinkName& name, bool directory, const meta::NameRecord& led_to) {
  if (directory && led_to.implicit) return ok;
  TP_TRY(const bool moved, moved_away(name, led_to.inode));
  if (moved) return ok;  // its new name tells
  TP_TRY(auto parent, path_of(before_, paths_before_, name.parent));
  if (!parent) return ok;
  const Bytes path = *parent + name.name + (directory ? "/" : "");
  TP_TRY(const bool is, exists(after_, path));
  if (is) return ok;  // what is there now tells
  TP_TRY(const uint64_t size, directory ? Result<uint64_t>(0) : size_of(before_, led_to.inode));
  add(DifferenceKind::kRemoved, path, size);
  return ok;
}

Result<void> DifferenceFinder::walk(InodeId directory, const Bytes& path) {
  const Position entry = std::exchange(position_, Position{position_.index_key, Bytes(), false});
  TreeWalker walker(after_, directory);
  TP_TRY_VOID(walker.seek(entry.walked));
  if (walker.valid() && !entry.walked.empty() && walker.path() == entry.walked) {
    // A directory of this name has been told of, but not what is in it.
    const bool into = walker.directory() && walker.inode().value >= range_.from.value;
    TP_TRY_VOID(into ? walker.descend() : walker.next());
  }
  Bytes last = entry.walked;
  while (walker.valid()) {
    if (full()) {
      position_.walking = unfinished_ = true;
      position_.walked = std::move(last);
      return ok;
    }
    ++looked_at_;
    last = walker.path();
    const bool is_new = walker.inode().value >= range_.from.value;
    const Bytes whole = path + last;
    if (!is_new) {
      const BytesView key = walker.record_key();
      TP_TRY(const auto parts, meta::parse_name_key(key));
      meta::NameRecord leads_to;
      leads_to.inode = walker.inode();
      leads_to.implicit = walker.implicit();
      TP_TRY_VOID(added({parts.parent, Bytes(parts.name)}, parts.directory, leads_to));
    } else if (!walker.directory() || !walker.implicit()) {
      TP_TRY(const bool was, exists(before_, whole));
      TP_TRY(const uint64_t size, walker.directory() ? Result<uint64_t>(0) : size_of(after_, walker.inode()));
      if (!was)
        add(DifferenceKind::kCreated, whole, size);
      else if (!walker.directory())
        add(DifferenceKind::kChanged, whole, size);
    }
    TP_TRY_VOID(walker.directory() && is_new ? walker.descend() : walker.next());
  }
  return ok;
}

void DifferenceFinder::add(DifferenceKind kind, Bytes key, uint64_t size_bytes, Bytes new_key) {
  page_.differences.push_back({kind, std::move(key), std::move(new_key), size_bytes});
}

Result<DifferenceFinder::Names> DifferenceFinder::names_of(meta::ReadView& view, InodeId inode) {
  Names names;
  TP_TRY(const auto record, find_inode(view, inode));
  if (!record || !record->parent) return names;
  names = record->further_names;
  names.push_back({record->parent, record->name});
  std::ranges::sort(names, {}, [](const meta::LinkName& name) { return std::pair(name.parent, name.name); });
  return names;
}

namespace {

/// Names of `from` that are not in `without`, in order.
std::vector<meta::LinkName> only_in(const std::vector<meta::LinkName>& from,
                                    const std::vector<meta::LinkName>& without) {
  std::vector<meta::LinkName> left;
  for (const meta::LinkName& name : from) {
    if (std::ranges::find(without, name) == without.end()) left.push_back(name);
  }
  return left;
}

}  // namespace

// Names that a file lost and got are paired in order, so that either side of a pair finds the other.
Result<std::optional<meta::LinkName>> DifferenceFinder::came_from(const meta::LinkName& name, InodeId inode) {
  TP_TRY(const Names were, names_of(before_, inode));
  TP_TRY(const Names are, names_of(after_, inode));
  const Names lost = only_in(were, are), got = only_in(are, were);
  const auto index = static_cast<size_t>(std::ranges::find(got, name) - got.begin());
  if (index >= std::min(got.size(), lost.size())) return std::nullopt;
  return std::optional(lost[index]);
}

Result<bool> DifferenceFinder::moved_away(const meta::LinkName& name, InodeId inode) {
  TP_TRY(const Names were, names_of(before_, inode));
  TP_TRY(const Names are, names_of(after_, inode));
  const Names lost = only_in(were, are), got = only_in(are, were);
  const auto index = static_cast<size_t>(std::ranges::find(lost, name) - lost.begin());
  return index < std::min(got.size(), lost.size());
}

Result<std::optional<Bytes>> DifferenceFinder::path_of(meta::ReadView& view, Paths& paths, InodeId directory) {
  std::vector<std::pair<InodeId, Bytes>> up;  // the directories whose path is not known yet, the lowest first
  InodeId at = directory;
  Bytes path;
  while (at != range_.root) {
    if (const auto known = paths.find(at); known != paths.end()) {
      path = known->second;
      break;
    }
    TP_TRY(auto record, find_inode(view, at));
    if (!record || !record->parent || up.size() == kMaxDepth) return std::nullopt;
    up.emplace_back(at, std::move(record->name));
    at = record->parent;
  }
  for (; !up.empty(); up.pop_back()) {
    path.append(up.back().second).push_back('/');
    paths.emplace(up.back().first, path);
  }
  return std::optional(std::move(path));
}

Result<bool> DifferenceFinder::exists(meta::ReadView& view, BytesView path) {
  if (path.ends_with('/')) {
    TP_TRY(const auto directory, find_directory(view, range_.root, path));
    return directory.has_value();
  }
  TP_TRY(const auto parent, find_directory(view, range_.root, directory_part(path)));
  if (!parent) return false;
  TP_TRY(const auto name, find_name(view, *parent, file_part(path), false));
  return name.has_value();
}

Result<uint64_t> DifferenceFinder::size_of(meta::ReadView& view, InodeId inode) {
  TP_TRY(const auto record, find_inode(view, inode));
  return record ? record->size_bytes : 0;
}

}  // namespace tp::plane
