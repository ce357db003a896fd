#include "plane/tree/listing/directory_reader.h"

#include <unordered_set>

#include "meta/keys.h"
#include "meta/listed_inode.h"
#include "plane/reason.h"
#include "plane/tree/file_name.h"
#include "plane/tree/names/entry.h"
#include "plane/tree/permissions.h"

namespace tp::plane {
namespace {

constexpr size_t kParentBytes = sizeof(uint64_t);
/// Keys that a reading of the cache, on a loop, looks at for a cookie.
constexpr size_t kCachedScan = 256;

struct Found {
  Bytes name;  // as stored
  InodeId inode;
  bool directory = false;
  bool beside = false;
  std::optional<meta::InodeType> type;  // if the name says it
  uint64_t cookie = 0;
};

class Reader {
 public:
  Reader(const Core& core, meta::ReadView& view, const VolumeEntry& volume, const DirectoryCursors& cursors,
         const DirectoryQuery& query)
      : core_(core), view_(view), volume_(volume), cursors_(cursors), query_(query) {}

  Result<DirectoryReading> read() {
    TP_TRY_VOID(enter());
    walk_ = view_.iterate(kv::Space::kNames, meta::names_begin(inode()), meta::names_end(inode()));
    TP_TRY_VOID(seek_start());
    reading_.given.directory = {volume_.id, inode()};
    if (walk_->valid()) reading_.given.begin = walk_->key();
    TP_TRY_VOID(collect());
    TP_TRY_VOID(look_up_beside());
    TP_TRY_VOID(fill());
    return std::move(reading_);
  }

 private:
  InodeId inode() const { return query_.directory.inode; }

  Result<void> enter() {
    TP_TRY(const Entry entry, find_by_id(core_, view_, {volume_.id, inode()}));
    if (!entry.directory) return fail(Code::kInvalidArgument, Reason::kNotDirectory, "it is not a directory");
    reading_.page.directory = attributes_of(core_, volume_, entry);
    return require(query_.caller, reading_.page.directory, kMayRead);
  }

  /// To the first entry after the cookie.
  Result<void> seek_start() {
    if (query_.cookie == 0) return seek(meta::names_begin(inode()));
    if (query_.cookie < DirectoryCursors::kFirstCookie || query_.cookie > INT64_MAX) {
      return fail(Code::kInvalidArgument, Reason::kBadCookie, "no entry has this cookie");
    }
    const auto place = cursors_.find({volume_.id, inode()}, query_.cookie);
    if (!place) return seek_cookie();
    if (place->index + 1 == place->page->cookies.size()) return seek_after(place->page->last);
    return seek_within(*place);
  }

  Result<void> seek(BytesView key) {
    walk_->seek(key);
    return walk_->status();
  }

  Result<void> seek_after(BytesView key) {
    TP_TRY_VOID(seek(key));
    if (!walk_->valid() || walk_->key() != key) return ok;
    walk_->next();
    return walk_->status();
  }

  /// The entry, or where it was: before the next one of its page that is still there.
  Result<void> seek_within(const DirectoryCursors::Place& place) {
    const DirectoryCursors::Page& page = *place.page;
    const std::unordered_set<uint64_t> later(page.cookies.begin() + static_cast<ptrdiff_t>(place.index) + 1,
                                             page.cookies.end());
    TP_TRY_VOID(seek(page.begin));
    for (; walk_->valid() && walk_->key() <= page.last; walk_->next()) {
      const uint64_t cookie = cursors_.cookie_of(walk_->key());
      if (cookie == query_.cookie) {
        walk_->next();
        break;
      }
      if (later.contains(cookie)) break;
    }
    return walk_->status();
  }

  /// Nothing is remembered of it: every entry is asked. If none is it, it has gone, and all are given again.
  Result<void> seek_cookie() {
    TP_TRY_VOID(seek(meta::names_begin(inode())));
    for (size_t looked = 0; walk_->valid(); walk_->next()) {
      if (view_.mode() == kv::ReadMode::kCachedOnly && ++looked > kCachedScan) {
        return fail(Code::kWouldBlock, "the directory is large");
      }
      if (cursors_.cookie_of(walk_->key()) != query_.cookie) continue;
      walk_->next();
      return walk_->status();
    }
    TP_TRY_VOID(walk_->status());
    return seek(meta::names_begin(inode()));
  }

  Result<void> collect() {
    for (; walk_->valid() && found_.size() < query_.max_entries; walk_->next()) {
      settle_pending(walk_->key().substr(kParentBytes));
      TP_TRY_VOID(take(walk_->key(), walk_->value()));
    }
    TP_TRY_VOID(walk_->status());
    reading_.page.end = !walk_->valid();
    // What comes next tells of the last ones, too.
    if (walk_->valid())
      settle_pending(walk_->key().substr(kParentBytes));
    else
      pending_.clear();
    return ok;
  }

  Result<void> take(BytesView key, BytesView value) {
    TP_TRY(const meta::NameParts parts, meta::parse_name_key(key));
    TP_TRY(const meta::NameRecord record, meta::decode_name(value));
    Found found;
    found.name = parts.name;
    found.inode = record.inode;
    found.directory = parts.directory;
    found.cookie = cursors_.cookie_of(key);
    if (found.directory) {
      found.type = meta::InodeType::kDirectory;
    } else {
      pending_.push_back(found_.size());
      if (!record.listed.empty() && !query_.with_attributes) {
        TP_TRY(const meta::ListedInode listed, meta::decode_listed_inode(record.listed));
        found.type = listed.type;
      }
    }
    reading_.given.cookies.push_back(found.cookie);
    reading_.given.last = key;
    found_.push_back(std::move(found));
    return ok;
  }

  /// A directory "a/" comes after the file "a", and between the two only what begins with "a" and a byte below '/'. So
  /// files that wait to hear of theirs are a stack, and the first key at or past "a/" tells.
  void settle_pending(BytesView key) {
    while (!pending_.empty()) {
      Found& file = found_[pending_.back()];
      const BytesView name = file.name;
      const bool same_start = key.starts_with(name);
      if (same_start && key.size() > name.size() && static_cast<uint8_t>(key[name.size()]) < '/') return;
      file.beside = same_start && key.size() == name.size() + 1 && key.back() == '/';
      pending_.pop_back();
    }
  }

  /// The page ended before they were told.
  Result<void> look_up_beside() {
    if (pending_.empty()) return ok;
    std::vector<Bytes> keys;
    for (const size_t index : pending_) keys.push_back(meta::name_key(inode(), found_[index].name, true));
    TP_TRY(const auto values, view_.multi_get(kv::Space::kNames, keys));
    for (size_t i = 0; i < pending_.size(); ++i) found_[pending_[i]].beside = values[i].has_value();
    return ok;
  }

  Result<void> fill() {
    std::vector<Bytes> keys;
    std::vector<std::optional<OpenFiles::Live>> live;
    for (const Found& found : found_) {
      if (found.type && !query_.with_attributes) continue;
      keys.push_back(meta::inode_key(found.inode));
      live.push_back(core_.open_files.live({volume_.id, found.inode}));
    }
    TP_TRY(const auto values, view_.multi_get(kv::Space::kInodes, keys));
    reading_.page.entries.reserve(found_.size());
    size_t next = 0;
    for (const Found& found : found_) {
      DirectoryEntry entry;
      entry.cookie = found.cookie;
      if (found.type && !query_.with_attributes) {
        entry.attributes.file = {volume_.id, found.inode};
        entry.attributes.type = *found.type;
      } else {
        const size_t at = next++;
        // It has gone since its name was read.
        if (!values[at]) continue;
        TP_TRY(const meta::InodeRecord record, meta::decode_inode(*values[at]));
        entry.attributes = attributes_of(core_, volume_, found.inode, record, live[at]);
      }
      entry.name = found.directory ? shown_directory_name(found.name, found.inode)
                                   : shown_file_name(found.name, found.inode, found.beside);
      reading_.page.entries.push_back(std::move(entry));
    }
    return ok;
  }

  const Core& core_;
  meta::ReadView& view_;
  const VolumeEntry& volume_;
  const DirectoryCursors& cursors_;
  const DirectoryQuery& query_;
  std::unique_ptr<kv::Iterator> walk_;
  std::vector<Found> found_;
  std::vector<size_t> pending_;  // files that may be beside a directory of their name
  DirectoryReading reading_;
};

}  // namespace

Result<DirectoryReading> read_directory_page(const Core& core, meta::ReadView& view, const VolumeEntry& volume,
                                             const DirectoryCursors& cursors, const DirectoryQuery& query) {
  return Reader(core, view, volume, cursors, query).read();
}

}  // namespace tp::plane
