// Storing: blobs are packed and cut into pieces on the pool, then written to all shards of the open segment at once and
// synced. A drive that refuses is out; the batch goes to a new segment without it.
#include <algorithm>
#include <functional>
#include <tuple>

#include "blob/blob_checksum.h"
#include "blob/erasure/drive_tier.h"
#include "blob/erasure/piece_checksum.h"
#include "blob/hot/segment.h"

namespace tp::blob {

namespace {

constexpr uint64_t kBatchBytes = 16 << 20;  // of data, in memory several times over
constexpr unsigned kSegmentCounterBits = 24;

}  // namespace

struct DriveTier::Packed {
  BlobRecord record;
  BytesView bytes;       // what is stored
  EncodedFrames frames;  // owns it, or
  std::shared_ptr<const Bytes> data;
};

struct DriveTier::Layout {
  unsigned data = 0, pieces = 0;
  AlignedBytes memory;  // `pieces` columns, one a shard
  uint64_t column_bytes = 0;
  uint64_t stored_bytes = 0;
  BytesView column(unsigned slot) const { return {memory.data() + slot * column_bytes, column_bytes}; }
};

Task<void> DriveTier::pack(const TierItem* item, Packed* packed) {
  const bool sound = item->data != nullptr && !item->data->empty() && item->data->size() <= kMaxBlobBytes &&
                     item->data->size() == item->blob.length_bytes &&
                     item->blob.checksums.size() == unit_count(item->blob.length_bytes);
  if (!sound) co_return fail(Code::kInvalidArgument, "tier: a blob whose record does not fit its data");
  packed->record = item->blob;
  packed->record.tier = 0;
  packed->data = item->data;
  auto encode = [packed, this]() -> Result<void> {
    packed->frames = encode_frames(*packed->data, options_.frames);
    return ok;
  };
  TP_CO_TRY_VOID(co_await encoders_.run(std::move(encode)));
  const bool raw = packed->frames.same_as_data;
  packed->record.encoding = raw ? Encoding::kRaw : Encoding::kFrames;
  packed->record.frames = raw ? std::vector<uint32_t>() : packed->frames.sizes;
  packed->bytes = raw ? BytesView(*packed->data) : BytesView(packed->frames.bytes);
  if (raw) packed->frames.bytes = Bytes();
  co_return ok;
}

Task<std::vector<BlobRecord>> DriveTier::put(std::vector<TierItem> items) {
  std::vector<BlobRecord> records;
  records.reserve(items.size());
  for (size_t begin = 0; begin < items.size();) {
    TP_CO_TRY_VOID(check_running());
    size_t end = begin;
    for (uint64_t bytes = 0; end < items.size() && (end == begin || bytes < kBatchBytes); ++end) {
      bytes += items[end].blob.length_bytes;
    }
    std::vector<Packed> batch(end - begin);
    std::vector<Task<void>> tasks;
    for (size_t i = begin; i < end; ++i) tasks.push_back(pack(&items[i], &batch[i - begin]));
    TP_CO_TRY(const auto packed, co_await run_all(std::move(tasks)));
    for (const auto& one : packed) {
      if (!one) co_return std::unexpected(one.error());
    }
    TP_CO_TRY_VOID(co_await store(batch));
    for (Packed& one : batch) records.push_back(std::move(one.record));
    begin = end;
  }
  co_return records;
}

// Offsets are set as if the segment were empty; store() moves them to where the batch has come to lie.
Task<DriveTier::Layout> DriveTier::lay_out(std::span<Packed> batch) {
  Layout layout;
  layout.data = options_.data_pieces;
  layout.pieces = options_.data_pieces + options_.parity_pieces;
  for (Packed& one : batch) {
    one.record.offset = layout.column_bytes;
    layout.column_bytes += padded_length((one.bytes.size() + layout.data - 1) / layout.data);
    layout.stored_bytes += one.bytes.size();
  }
  TP_CO_TRY(layout.memory, AlignedBytes::make(layout.column_bytes * layout.pieces));
  const auto code = code_of(options_.data_pieces, options_.parity_pieces);
  auto cut = [batch, &layout, &code]() -> Result<void> {
    for (Packed& one : batch) {
      const uint64_t piece = padded_length((one.bytes.size() + layout.data - 1) / layout.data);
      std::array<char*, kMaxPieces> pieces{};
      for (unsigned slot = 0; slot < layout.pieces; ++slot) {
        pieces[slot] = layout.memory.data() + slot * layout.column_bytes + one.record.offset;
        if (slot >= layout.data) continue;
        const uint64_t from = std::min<uint64_t>(slot * piece, one.bytes.size());
        const uint64_t size = std::min<uint64_t>(piece, one.bytes.size() - from);
        std::copy_n(one.bytes.data() + from, size, pieces[slot]);
        std::fill_n(pieces[slot] + size, piece - size, '\0');
      }
      code->encode(piece, std::span(pieces.data(), layout.pieces));
      one.record.piece_checksums.clear();
      if (code->parity() == 0) continue;
      for (unsigned slot = 0; slot < layout.pieces; ++slot) {
        one.record.piece_checksums.push_back(piece_checksum(one.record.id, slot, BytesView(pieces[slot], piece)));
      }
    }
    return ok;
  };
  TP_CO_TRY_VOID(co_await encoders_.run(std::move(cut)));
  co_return layout;
}

Task<void> DriveTier::store(std::span<Packed> batch) {
  TP_CO_TRY(const Layout layout, co_await lay_out(batch));
  const auto guard = co_await appending_.lock();
  const size_t most_attempts = all_drives().size() + 1;
  for (size_t attempt = 1;; ++attempt) {
    TP_CO_TRY_VOID(check_running());
    uint64_t offset = 0;
    SegmentId segment;
    auto stored = co_await try_store(layout, &offset, &segment);
    if (!stored && (attempt >= most_attempts || stored.error().code != Code::kIo)) {
      co_return std::unexpected(std::move(stored.error()));
    }
    if (stored && *stored) {
      for (Packed& one : batch) {
        one.record.segment = segment;
        one.record.offset += offset;
      }
      counters_.writes.fetch_add(batch.size(), std::memory_order_relaxed);
      counters_.bytes_written.fetch_add(layout.stored_bytes, std::memory_order_relaxed);
      co_return ok;
    }
    counters_.retries.fetch_add(1, std::memory_order_relaxed);
    if (attempt >= most_attempts) co_return fail(Code::kNoSpace, "tier: its drives are full");
  }
}

// False: a drive was full; kIo: one refused. In both cases the segment is done with, and the caller tries another.
Task<bool> DriveTier::try_store(const Layout& layout, uint64_t* offset, SegmentId* id) {
  TP_CO_TRY(const StripePtr segment, co_await open_segment());
  *id = segment->id;
  *offset = segment->size_bytes.load();
  const auto shards = segment->shards();
  std::vector<Task<void>> tasks;
  std::vector<ShardPtr> written;
  for (unsigned slot = 0; slot < shards.size(); ++slot) {
    if (shards[slot] == nullptr) continue;
    written.push_back(shards[slot]);
    tasks.push_back(write_shard(shards[slot], *offset, layout.column(slot)));
  }
  TP_CO_TRY(const auto results, co_await run_all(std::move(tasks)));
  std::optional<Error> refused;
  bool full = false;
  for (size_t i = 0; i < results.size(); ++i) {
    if (results[i]) continue;
    full = full || results[i].error().code == Code::kNoSpace;
    if (results[i].error().code == Code::kNoSpace) continue;
    refused = results[i].error();
    TP_CO_TRY_VOID(co_await drive_failed(written[i]->drive, results[i].error()));
  }
  if (!refused && !full) {
    segment->size_bytes.fetch_add(layout.column_bytes);
    segment->add_live(layout.column_bytes);
    co_return true;
  }
  // What was written of the batch is dead, and with it the segment's end.
  TP_CO_TRY_VOID(co_await seal_open());
  if (refused) co_return std::unexpected(disk_error(std::move(*refused), "tier"));
  co_return false;
}

Task<void> DriveTier::write_shard(ShardPtr shard, uint64_t offset, BytesView bytes) {
  TP_CO_TRY(FilePtr file, co_await file_of(shard));
  shard->disk_bytes.fetch_add(bytes.size());
  TP_CO_TRY_VOID(co_await file->write_at(offset, bytes));
  co_return co_await file->sync();
}

Task<void> DriveTier::seal_open() {
  if (open_ == nullptr) co_return ok;
  const StripePtr segment = std::exchange(open_, nullptr);
  segment->sealed.store(true);
  co_return co_await remove_if_dead(segment);
}

Task<StripePtr> DriveTier::open_segment() {
  if (open_ != nullptr) {
    const uint64_t most = kShardHeaderBytes + options_.segment_bytes / options_.data_pieces;
    bool fit = open_->size_bytes.load() < most;
    unsigned there = 0;
    for (const ShardPtr& shard : open_->shards()) {
      if (shard == nullptr) continue;
      ++there;
      fit = fit && shard->drive->takes_new();
      const auto space = fit ? shard->drive->files().space() : Result<io::SpaceInfo>(io::SpaceInfo());
      fit = fit && space && space->free_bytes > options_.min_free_bytes;
    }
    // One that lacks a shard goes on only while there is no drive for it.
    if (fit && there < open_->pieces()) {
      TP_CO_TRY(const auto drives, co_await drives_for_new());
      fit = drives.size() <= there;
    }
    if (fit) co_return open_;
    TP_CO_TRY_VOID(co_await seal_open());
  }
  co_return co_await create_segment();
}

/// Those with room, the emptiest first.
Task<std::vector<DrivePtr>> DriveTier::drives_for_new() {
  const unsigned pieces = options_.data_pieces + options_.parity_pieces;
  const unsigned least = options_.data_pieces + (options_.parity_pieces > 0 ? 1 : 0);
  std::vector<std::tuple<uint64_t, uint64_t, DrivePtr>> roomy;
  size_t active = 0;
  for (const DrivePtr& drive : all_drives()) {
    if (!drive->takes_new()) continue;
    ++active;
    const auto space = drive->files().space();
    // Compared by whole shards: drives of one size take turns by how many they have.
    if (space && space->free_bytes > options_.min_free_bytes) {
      roomy.emplace_back(space->free_bytes / (options_.segment_bytes / options_.data_pieces + 1),
                         UINT64_MAX - drive->shards.load(), drive);
    }
  }
  if (active < least) co_return fail(Code::kUnavailable, "tier: too few of its drives are there");
  if (roomy.size() < least) co_return fail(Code::kNoSpace, "tier: its drives are full");
  std::ranges::sort(roomy, std::greater<>());
  std::vector<DrivePtr> chosen;
  for (size_t i = 0; i < roomy.size() && i < pieces; ++i) chosen.push_back(std::get<DrivePtr>(roomy[i]));
  co_return chosen;
}

Task<StripePtr> DriveTier::create_segment() {
  for (size_t attempt = 0;; ++attempt) {
    TP_CO_TRY(const auto drives, co_await drives_for_new());
    const SegmentId id(options_.start_number << kSegmentCounterBits | next_segment_++);
    const auto code = code_of(options_.data_pieces, options_.parity_pieces);
    auto segment = std::make_shared<StripeSegment>(id, code, false);
    segment->counted.store(true);
    std::vector<ShardPtr> made(segment->pieces());
    std::vector<Task<void>> tasks;
    std::vector<std::pair<DrivePtr, unsigned>> placed;
    for (size_t i = 0; i < drives.size(); ++i) {
      // Whole segments begin on another drive each time, so that parity, which is not read, is spread as well.
      const bool whole = drives.size() == segment->pieces();
      const auto slot = static_cast<unsigned>(whole ? (i + next_segment_) % drives.size() : i);
      ShardHeader header;
      header.segment = id;
      header.slot = static_cast<uint8_t>(slot);
      header.data_pieces = static_cast<uint8_t>(options_.data_pieces);
      header.parity_pieces = static_cast<uint8_t>(options_.parity_pieces);
      header.tier = options_.tier;
      header.store_id = options_.store_id;
      header.drive_id = drives[i]->id;
      placed.emplace_back(drives[i], slot);
      tasks.push_back(make_shard(drives[i], header, &made[slot]));
    }
    TP_CO_TRY(const auto results, co_await run_all(std::move(tasks)));
    std::optional<Error> refused;
    for (size_t i = 0; i < results.size(); ++i) {
      if (made[placed[i].second] != nullptr) segment->set_shard(placed[i].second, made[placed[i].second]);
      if (results[i]) continue;
      refused = results[i].error();
      if (refused->code != Code::kNoSpace) TP_CO_TRY_VOID(co_await drive_failed(placed[i].first, *refused));
    }
    {
      const std::unique_lock lock(segments_mutex_);
      segments_[id] = segment;
    }
    open_ = segment;
    if (!refused) co_return segment;
    TP_CO_TRY_VOID(co_await seal_open());
    if (attempt > all_drives().size()) co_return std::unexpected(disk_error(std::move(*refused), "tier"));
  }
}

Task<void> DriveTier::make_shard(DrivePtr drive, ShardHeader header, ShardPtr* made) {
  const ShardName name{header.segment, header.slot};
  TP_CO_TRY(const AlignedBytes block, AlignedBytes::make(kShardHeaderBytes));
  encode_shard_header(header, block.span());
  TP_CO_TRY(FilePtr file, co_await drive->files().open(shard_path(name), io::OpenMode::kCreate, io::Caching::kDirect));
  *made = std::make_shared<Shard>(drive, name);
  (*made)->install(file);
  open_handles_.fetch_add(1);
  (*made)->disk_bytes.store(kShardHeaderBytes);
  TP_CO_TRY_VOID(co_await file->write_at(0, BytesView(block.data(), block.size)));
  TP_CO_TRY_VOID(co_await file->sync());
  co_return co_await drive->files().sync_directory(kShardDirectory);
}

// Without parity there is nothing to fall back on: the error is the caller's, and the drive is tried again.
Task<void> DriveTier::drive_failed(DrivePtr drive, const Error& error) {
  drive->write_errors.fetch_add(1);
  if (options_.parity_pieces == 0) co_return ok;
  DriveState active = DriveState::kActive;
  if (!drive->state.compare_exchange_strong(active, DriveState::kFailed)) co_return ok;
  report(drive->directory + " refused a write and is out until it is replaced or drained: " + error.to_string());
  const auto guard = co_await table_mutex_.lock();
  co_return co_await write_table();
}

}  // namespace tp::blob
