// The drives: their table, and what an operator does with them. Order of every change: the table, durable; then the
// drive is used so.
#include <algorithm>

#include "blob/erasure/drive_tier.h"
#include "blob/hot/segment.h"
#include "rt/env/rng.h"

namespace tp::blob {

namespace {

uint64_t new_drive_id() {
  char bytes[sizeof(uint64_t)];
  rt::secure_random(bytes);
  return get_be<uint64_t>(bytes) | 1;  // never zero
}

/// Into the slot of its generation, so that the one before it stays whole.
Task<void> write_to(io::FileSystem* files, DriveTable table) {
  const Bytes bytes = encode_drive_table(table);
  auto file = co_await files->open(kDriveFile, io::OpenMode::kCreate, io::Caching::kBuffered);
  const bool is_new = file.has_value();
  if (!file && file.error().code == Code::kAlreadyExists) {
    file = co_await files->open(kDriveFile, io::OpenMode::kReadWrite, io::Caching::kBuffered);
  }
  if (!file) co_return std::unexpected(std::move(file.error()));
  TP_CO_TRY_VOID(co_await (*file)->write_at(table.generation % 2 * kTableSlotBytes, bytes));
  if (is_new && table.generation % 2 == 0) {
    const Bytes blank(kTableSlotBytes, '\0');
    TP_CO_TRY_VOID(co_await (*file)->write_at(kTableSlotBytes, blank));
  }
  TP_CO_TRY_VOID(co_await (*file)->sync());
  if (is_new) TP_CO_TRY_VOID(co_await files->sync_directory(""));
  co_return ok;
}

}  // namespace

Task<void> DriveTier::write_table() {
  DriveTable table;
  table.generation = ++table_generation_;
  table.store_id = options_.store_id;
  table.tier = options_.tier;
  const auto drives = all_drives();
  for (const DrivePtr& drive : drives) table.drives.push_back({drive->id, drive->state.load(), drive->directory});
  std::vector<Task<void>> tasks;
  std::vector<DrivePtr> written;
  for (const DrivePtr& drive : drives) {
    // Also to one that is being removed: should it come back, it knows.
    if (!drive->present()) continue;
    table.own_id = drive->id;
    written.push_back(drive);
    tasks.push_back(write_to(&drive->files(), table));
  }
  TP_CO_TRY(const auto results, co_await run_all(std::move(tasks)));
  size_t good = 0;
  std::optional<Error> why;
  for (size_t i = 0; i < results.size(); ++i) {
    good += results[i] && written[i]->state.load() != DriveState::kRemoved ? 1 : 0;
    if (results[i]) continue;
    written[i]->write_errors.fetch_add(1);
    if (written[i]->state.load() == DriveState::kActive || !why) why = results[i].error();
    report(written[i]->directory + ": the table of drives cannot be written: " + results[i].error().to_string());
  }
  // The newest table that is found counts: one drive that has it is enough, if that is there at the next start.
  if (good == 0) {
    co_return std::unexpected(disk_error(why ? std::move(*why) : Error(Code::kIo, "no drive"), "the table of drives"));
  }
  co_return ok;
}

DrivePtr DriveTier::find_drive(const std::string& directory) const {
  for (const DrivePtr& drive : all_drives()) {
    if (drive->directory == directory && drive->state.load() != DriveState::kRemoved) return drive;
  }
  return nullptr;
}

Task<void> DriveTier::add(std::string directory) {
  TP_CO_TRY_VOID(check_running());
  if (find_drive(directory) != nullptr) co_return fail(Code::kAlreadyExists, directory + " is a drive of the tier");
  TP_CO_TRY_VOID(co_await join_drive(std::move(directory), nullptr));
  co_return co_await start_mending();
}

Task<void> DriveTier::replace(std::string directory) {
  TP_CO_TRY_VOID(check_running());
  const DrivePtr old = find_drive(directory);
  if (old == nullptr) co_return fail(Code::kNotFound, directory + " is not a drive of the tier");
  TP_CO_TRY_VOID(co_await join_drive(std::move(directory), old));
  co_return co_await start_mending();
}

// The directory must have no shards and no other tier's table. `in_place_of` is removed by the same change.
Task<void> DriveTier::join_drive(std::string directory, DrivePtr in_place_of) {
  if (directory.empty() || directory.size() > kMaxDirectoryName) {
    co_return fail(Code::kInvalidArgument, "not a directory's name");
  }
  TP_CO_TRY(auto files, options_.open_directory(directory));
  TP_CO_TRY(const auto names, co_await files->list(""));
  const bool has_table = std::ranges::find(names, kDriveFile) != names.end();
  if (std::ranges::find(names, kShardDirectory) != names.end()) {
    TP_CO_TRY(const auto shards, co_await files->list(kShardDirectory));
    if (!shards.empty()) co_return fail(Code::kNotEmpty, directory + " has shards of a tier in it");
  }
  if (has_table) {
    // Of a drive that was drained: ours, and it may begin anew. Anybody else's is left alone.
    TP_CO_TRY(auto file, co_await files->open(kDriveFile, io::OpenMode::kRead, io::Caching::kBuffered));
    bool ours = false;
    for (uint64_t slot = 0; slot < 2; ++slot) {
      Bytes bytes(kTableSlotBytes, '\0');
      const auto read = co_await file->read_at(slot * kTableSlotBytes, MutableBytes(bytes.data(), bytes.size()));
      const auto table = read ? decode_drive_table(bytes) : Result<DriveTable>(std::unexpected(read.error()));
      ours = ours || (table && table->store_id == options_.store_id && table->tier == options_.tier);
    }
    if (!ours) co_return fail(Code::kAlreadyExists, directory + " is a drive of another tier");
  }
  TP_CO_TRY_VOID(co_await files->make_directory(kShardDirectory));
  TP_CO_TRY_VOID(co_await files->sync_directory(""));
  const auto guard = co_await table_mutex_.lock();
  const DriveEntry entry{new_drive_id(), DriveState::kActive, directory};
  {
    const std::lock_guard lock(drives_mutex_);
    std::erase_if(drives_, [&directory](const DrivePtr& drive) {
      return drive->directory == directory && drive->state.load() == DriveState::kRemoved;
    });
    if (drives_.size() >= kMaxDrives) co_return fail(Code::kTooLarge, "a tier has at most 64 drives");
    if (in_place_of != nullptr) {
      in_place_of->state.store(DriveState::kRemoved);
      std::erase(drives_, in_place_of);
    }
    drives_.push_back(std::make_shared<Drive>(entry, std::move(files)));
  }
  co_return co_await write_table();
}

Task<void> DriveTier::drain(std::string directory) {
  TP_CO_TRY_VOID(check_running());
  const DrivePtr drive = find_drive(directory);
  if (drive == nullptr) co_return fail(Code::kNotFound, directory + " is not a drive of the tier");
  size_t others = 0;
  for (const DrivePtr& other : all_drives()) others += other != drive && other->takes_new() ? 1 : 0;
  if (others < options_.data_pieces + options_.parity_pieces) {
    co_return fail(Code::kNoSpace, "without " + directory + " the tier has " + std::to_string(others) +
                                       " drives: too few for its data and parity pieces");
  }
  {
    const auto guard = co_await table_mutex_.lock();
    drive->state.store(DriveState::kDraining);
    TP_CO_TRY_VOID(co_await write_table());
  }
  co_return co_await start_mending();
}

// Draining drives on which nothing is left: seen once mending has moved what it could.
Task<void> DriveTier::remove_drained() {
  bool any = false;
  for (const DrivePtr& drive : all_drives()) {
    if (drive->state.load() != DriveState::kDraining) continue;
    bool empty = true;
    uint64_t lacking = 0;
    for (const StripePtr& segment : all_segments()) {
      unsigned there = 0;
      for (const ShardPtr& shard : segment->shards()) {
        there += shard != nullptr && shard->drive->readable() ? 1 : 0;
        empty = empty && (shard == nullptr || shard->drive != drive);
      }
      lacking += there < segment->pieces() ? 1 : 0;
    }
    // One that is not there may have what is missing elsewhere: it counts as drained only when nothing is.
    if (!empty || (!drive->present() && lacking > 0)) continue;
    // Files that are gone must not come back on a drive that nobody looks at any more.
    if (drive->present()) TP_CO_TRY_VOID(co_await drive->files().sync_directory(kShardDirectory));
    drive->state.store(DriveState::kRemoved);
    report(drive->directory + " is drained and no longer used");
    any = true;
  }
  if (!any) co_return ok;
  const auto guard = co_await table_mutex_.lock();
  co_return co_await write_table();
}

ErasureStatus DriveTier::status() {
  ErasureStatus status;
  status.data_pieces = options_.data_pieces;
  status.parity_pieces = options_.parity_pieces;
  for (const DrivePtr& drive : all_drives()) {
    DriveStatus one;
    one.directory = drive->directory;
    one.id = drive->id;
    one.state = drive->state.load();
    one.present = drive->present();
    one.shards = drive->shards.load();
    one.read_errors = drive->read_errors.load();
    one.write_errors = drive->write_errors.load();
    if (const auto space = drive->readable() ? drive->files().space() : Result<io::SpaceInfo>(io::SpaceInfo())) {
      one.total_bytes = space->total_bytes;
      one.free_bytes = space->free_bytes;
    }
    status.drives.push_back(std::move(one));
  }
  for (const StripePtr& segment : all_segments()) {
    ++status.segments;
    const unsigned there = segment->readable();
    status.missing_shards += segment->pieces() - there;
    if (there < segment->code->data()) {
      ++status.lost_segments;
    } else if (there < segment->pieces()) {
      ++status.degraded_segments;
    }
  }
  const std::lock_guard lock(mend_mutex_);
  status.mending = mend_running_;
  status.mend_done = mend_done_;
  status.mend_total = mend_total_;
  status.mended_bytes = counters_.mended_bytes.load();
  if (!mend_result_) status.mend_error = mend_result_.error().to_string();
  return status;
}

}  // namespace tp::blob
