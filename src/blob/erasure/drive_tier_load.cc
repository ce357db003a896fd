// Opening: which drives there are, by the newest of their tables, and which segments, by the shards found on them.
#include <algorithm>
#include <set>

#include "blob/erasure/drive_tier.h"
#include "blob/hot/segment.h"
#include "rt/env/rng.h"

namespace tp::blob {

namespace {

constexpr unsigned kSegmentCounterBits = 24;

uint64_t random_id() {
  char bytes[sizeof(uint64_t)];
  rt::secure_random(bytes);
  return get_be<uint64_t>(bytes) | 1;  // never zero
}

/// A directory as it is before it is known what drive it is.
struct Found {
  std::string directory;
  std::unique_ptr<io::FileSystem> files;
  Result<void> opened = ok;
  bool listed = true;               // in the configuration, not only in the table
  std::optional<DriveTable> table;  // its newest
  bool has_shards = false;
  uint64_t id = 0;  // once it is settled
};

/// The newer of the two slots. kNotFound: there is no drive file.
Task<DriveTable> read_table(io::FileSystem* files) {
  auto file = co_await files->open(kDriveFile, io::OpenMode::kRead, io::Caching::kBuffered);
  if (!file) co_return std::unexpected(std::move(file.error()));
  std::optional<DriveTable> newest;
  Error why(Code::kCorruption, "no drive table");
  for (uint64_t slot = 0; slot < 2; ++slot) {
    Bytes bytes(kTableSlotBytes, '\0');
    auto read = co_await (*file)->read_at(slot * kTableSlotBytes, MutableBytes(bytes.data(), bytes.size()));
    if (!read) {
      if (read.error().code != Code::kOutOfRange) why = std::move(read.error());
      continue;
    }
    auto table = decode_drive_table(bytes);
    if (!table) {
      if (table.error().code == Code::kNotImplemented) co_return std::unexpected(std::move(table.error()));
      continue;
    }
    if (!newest || table->generation > newest->generation) newest = std::move(*table);
  }
  if (!newest) co_return std::unexpected(std::move(why));
  co_return std::move(*newest);
}

Task<void> look_into(Found* found) {
  auto table = co_await read_table(found->files.get());
  if (table) found->table = std::move(*table);
  if (!table && table.error().code != Code::kNotFound) {
    found->opened = std::unexpected(std::move(table.error()));
    co_return ok;
  }
  auto names = co_await found->files->list(kShardDirectory);
  if (names) found->has_shards = !names->empty();
  if (!names && names.error().code != Code::kNotFound) found->opened = std::unexpected(std::move(names.error()));
  co_return ok;
}

Found open_found(const ErasureOptions& options, const std::string& directory) {
  Found found;
  found.directory = directory;
  auto files = options.open_directory(directory);
  if (files) found.files = std::move(*files);
  if (!files) found.opened = std::unexpected(std::move(files.error()));
  return found;
}

Result<void> check_owner(const Found& found, const ErasureOptions& options) {
  if (!found.table) return ok;
  if (found.table->store_id == options.store_id && found.table->tier == options.tier) return ok;
  return fail(Code::kInvalidArgument, found.directory + " belongs to tier " + std::to_string(found.table->tier) +
                                          " of " + (found.table->store_id == options.store_id ? "this" : "another") +
                                          " store");
}

/// Finds out which drive it is, or makes it a new one. False: it cannot be used. A drive is known by its id, wherever
/// it is mounted now.
bool settle(Found& one, bool cut_short, DriveTable& table, bool* changed) {
  if (!one.opened) return false;
  if (one.table) {
    const auto entry = std::ranges::find(table.drives, one.table->own_id, &DriveEntry::id);
    if (entry == table.drives.end() || entry->state == DriveState::kRemoved) return false;
    *changed = *changed || entry->directory != one.directory;
    entry->directory = one.directory;
    one.id = entry->id;
    return true;
  }
  const auto entry = std::ranges::find(table.drives, one.directory, &DriveEntry::directory);
  const bool known = entry != table.drives.end();
  if (one.has_shards || (known ? !cut_short : !one.listed)) return false;
  *changed = true;
  if (known) {
    one.id = entry->id;
    return true;
  }
  one.id = random_id();
  table.drives.push_back({one.id, DriveState::kActive, one.directory});
  return true;
}

}  // namespace

struct DriveTier::FoundShard {
  DrivePtr drive;
  ShardName name;
  std::optional<ShardHeader> header;
  bool blank = false;  // nothing in the header: a copy that was not finished
  uint64_t size_bytes = 0, disk_bytes = 0;
};

Task<void> DriveTier::load() {
  home_ = &rt::Loop::current();
  TP_CO_TRY_VOID(co_await load_drives());
  std::vector<std::vector<FoundShard>> lists(all_drives().size());
  std::vector<Task<void>> tasks;
  const auto drives = all_drives();
  for (size_t i = 0; i < drives.size(); ++i) {
    if (drives[i]->readable()) tasks.push_back(list_drive(drives[i], &lists[i]));
  }
  TP_CO_TRY(const auto listed, co_await run_all(std::move(tasks)));
  for (const auto& one : listed) {
    if (!one) co_return std::unexpected(one.error());
  }
  std::vector<FoundShard> found;
  for (auto& list : lists) std::ranges::move(list, std::back_inserter(found));
  TP_CO_TRY_VOID(co_await adopt(std::move(found)));
  const auto draining = [](const DrivePtr& drive) { return drive->state.load() == DriveState::kDraining; };
  if (std::ranges::any_of(drives, draining)) co_return co_await start_mending();
  co_return ok;
}

// The newest table says which drives there are. A listed directory that it does not know joins; one that it knows but
// that is empty, or another drive, may be a disk that is not mounted: it counts as missing until replace() is said.
Task<void> DriveTier::load_drives() {
  std::vector<Found> found;
  std::set<std::string> seen;
  for (const std::string& directory : options_.directories) {
    if (directory.empty() || directory.size() > kMaxDirectoryName || !seen.insert(directory).second) {
      co_return fail(Code::kInvalidArgument, "directory '" + directory + "' is named twice, or too long");
    }
    found.push_back(open_found(options_, directory));
    if (found.back().files != nullptr) TP_CO_TRY_VOID(co_await look_into(&found.back()));
    TP_CO_TRY_VOID(check_owner(found.back(), options_));
  }
  const DriveTable* newest = nullptr;
  for (const Found& one : found) {
    if (one.table && (newest == nullptr || one.table->generation > newest->generation)) newest = &*one.table;
  }
  DriveTable table;
  table.store_id = options_.store_id;
  table.tier = options_.tier;
  if (newest != nullptr) table = *newest;
  // Drives that only the table names.
  for (const DriveEntry& entry : table.drives) {
    if (entry.state == DriveState::kRemoved || !seen.insert(entry.directory).second) continue;
    found.push_back(open_found(options_, entry.directory));
    found.back().listed = false;
    if (found.back().files != nullptr) TP_CO_TRY_VOID(co_await look_into(&found.back()));
  }
  const bool first = newest == nullptr;
  if (first && !options_.may_be_new) {
    co_return fail(Code::kUnavailable, "none of the tier's drives is there, and it holds data: " +
                                           options_.directories.front() + " is empty or cannot be read");
  }
  // A first start that was cut short has written its table to some only, and nothing else.
  const bool cut_short =
      table.generation <= 1 && std::ranges::none_of(found, [](const Found& one) { return one.has_shards; });
  bool changed = first;
  for (Found& one : found) {
    if (settle(one, cut_short, table, &changed)) continue;
    const std::string why = one.opened ? std::string("it is another drive, or empty") : one.opened.error().to_string();
    if (first) co_return fail(Code::kUnavailable, one.directory + " cannot be used: " + why);
    report(one.directory + " is not used: " + why);
  }
  if (table.drives.size() > kMaxDrives) co_return fail(Code::kInvalidArgument, "too many drives");
  for (const DriveEntry& entry : table.drives) {
    const auto one = std::ranges::find(found, entry.id, &Found::id);
    const bool usable = one != found.end() && entry.state != DriveState::kRemoved;
    drives_.push_back(std::make_shared<Drive>(entry, usable ? std::move(one->files) : nullptr));
  }
  table_generation_ = table.generation;
  const auto there = std::ranges::count_if(drives_, [](const DrivePtr& drive) { return drive->readable(); });
  if (there == 0) co_return fail(Code::kUnavailable, "none of the tier's drives is there");
  if (first && static_cast<unsigned>(there) < options_.data_pieces + options_.parity_pieces) {
    co_return fail(Code::kInvalidArgument, "too few directories for the data and parity pieces");
  }
  for (const DrivePtr& drive : drives_) {
    if (drive->takes_new()) TP_CO_TRY_VOID(co_await drive->files().make_directory(kShardDirectory));
  }
  if (changed) {
    const auto guard = co_await table_mutex_.lock();
    TP_CO_TRY_VOID(co_await write_table());
    // Beyond the first generation the drives are made, and an empty directory is no longer taken for one that is not.
    if (table_generation_ == 1) {
      const auto refused = [](const DrivePtr& drive) { return drive->write_errors.load() != 0; };
      if (std::ranges::any_of(drives_, refused)) co_return fail(Code::kIo, "a new drive refuses to be written");
      TP_CO_TRY_VOID(co_await write_table());
    }
  }
  co_return ok;
}

Task<void> DriveTier::list_drive(DrivePtr drive, std::vector<FoundShard>* found) {
  auto names = co_await drive->files().list(kShardDirectory);
  if (!names && names.error().code == Code::kNotFound) co_return ok;
  if (!names) co_return std::unexpected(std::move(names.error()).with_context(drive->directory));
  for (const std::string& file_name : *names) {
    const auto name = shard_name_of(file_name);
    if (!name) {
      report(drive->directory + "/" + kShardDirectory + "/" + file_name + " is not a shard: left alone");
      continue;
    }
    if (name->segment.value >> kSegmentCounterBits >= options_.start_number) {
      co_return fail(Code::kInvalidArgument, drive->directory + " has a shard of a later start, " + file_name +
                                                 ": the metadata is older than the tier");
    }
    FoundShard shard;
    shard.drive = drive;
    shard.name = *name;
    auto inspected = co_await inspect(&shard);
    if (!inspected && inspected.error().code == Code::kNotImplemented) co_return inspected;
    if (!inspected) report(drive->directory + "/" + file_name + ": " + inspected.error().to_string());
    found->push_back(std::move(shard));
  }
  co_return ok;
}

Task<void> DriveTier::inspect(FoundShard* shard) {
  const std::string path = shard_path(shard->name);
  TP_CO_TRY(auto file, co_await shard->drive->files().open(path, io::OpenMode::kRead, io::Caching::kDirect));
  TP_CO_TRY(shard->size_bytes, file->size());
  TP_CO_TRY(shard->disk_bytes, file->allocated_size());
  TP_CO_TRY(const AlignedBytes block, AlignedBytes::make(kShardHeaderBytes));
  auto read = co_await file->read_at(0, block.span());
  if (!read && read.error().code == Code::kOutOfRange) shard->blank = true;
  if (!read) co_return read;
  const BytesView bytes(block.data(), block.size);
  shard->blank = bytes.find_first_not_of('\0') == BytesView::npos;
  if (shard->blank) co_return fail(Code::kCorruption, "its header is blank");
  TP_CO_TRY(const ShardHeader header, decode_shard_header(bytes));
  const bool ours = header.segment == shard->name.segment && header.slot == shard->name.slot &&
                    header.store_id == options_.store_id && header.tier == options_.tier;
  if (!ours) co_return fail(Code::kCorruption, "its header is of another shard");
  shard->header = header;
  co_return ok;
}

Task<void> DriveTier::adopt(std::vector<FoundShard> found) {
  std::ranges::sort(found, {}, [](const FoundShard& shard) { return shard.name.segment; });
  for (size_t begin = 0; begin < found.size();) {
    size_t end = begin;
    while (end < found.size() && found[end].name.segment == found[begin].name.segment) ++end;
    TP_CO_TRY_VOID(co_await adopt_segment(found[begin].name.segment, std::span(found).subspan(begin, end - begin)));
    begin = end;
  }
  co_return ok;
}

// Sound shards first. One whose header is damaged keeps its place, for its blobs have checksums of their own; a blank
// one is a copy that was not finished, and goes if the segment is whole without it.
Task<void> DriveTier::adopt_segment(SegmentId id, std::span<FoundShard> found) {
  unsigned data = options_.data_pieces, parity = options_.parity_pieces;
  for (const FoundShard& shard : found) {
    if (shard.header) data = shard.header->data_pieces, parity = shard.header->parity_pieces;
  }
  auto segment = std::make_shared<StripeSegment>(id, code_of(data, parity), true);
  segment->sealed.store(true);
  std::ranges::sort(found, {}, [](const FoundShard& shard) {
    const int damage = shard.header ? 0 : shard.blank ? 4 : 2;
    return std::pair(damage + (shard.drive->state.load() == DriveState::kActive ? 0 : 1), shard.drive->id);
  });
  for (const FoundShard& one : found) {
    auto shard = std::make_shared<Shard>(one.drive, one.name);
    shard->disk_bytes.store(one.disk_bytes);
    const bool fits = one.name.slot < segment->pieces();
    const bool whole_without = segment->readable() >= data || (fits && segment->shard(one.name.slot) != nullptr);
    if (!fits || segment->shard(one.name.slot) != nullptr || (one.blank && whole_without)) {
      // Twice there: a drive was away while its shards were made again, or a copy was cut short.
      auto removed = co_await remove_shard(std::move(shard));
      if (!removed) report("a shard too many stays: " + removed.error().to_string());
      continue;
    }
    segment->set_shard(one.name.slot, std::move(shard));
    segment->size_bytes.store(std::max(segment->size_bytes.load(), one.size_bytes));
  }
  const std::unique_lock lock(segments_mutex_);
  segments_[id] = std::move(segment);
  co_return ok;
}

}  // namespace tp::blob
