#include "plane/tiers/mover.h"

#include <algorithm>

#include "meta/keys.h"
#include "plane/core/blob_records.h"
#include "plane/core/object_lookup.h"
#include "plane/care/blob_places.h"
#include "plane/tiers/move_queue.h"

namespace tp::plane {
namespace {

/// Read, encoded and written at a time: the memory that moving takes, about twice.
constexpr uint64_t kBatchBytes = 32 << 20;
constexpr size_t kBatchBlobs = 512;
constexpr size_t kFilesOfRound = 512;
constexpr size_t kMovesOfRead = 1000;

}  // namespace

struct Mover::Plan {
  bool there = false;                   // the file, with extents
  std::vector<blob::BlobRecord> blobs;  // on another tier than `to`
  uint8_t to = 0;
  uint64_t next = UINT64_MAX;           // where to go on; UINT64_MAX: that was all
};

Task<Bytes> read_whole_blob(blob::BlobStore& blobs, blob::BlobRecord blob) {
  Bytes data;
  data.reserve(blob.length_bytes);
  while (data.size() < blob.length_bytes) {
    TP_CO_TRY(const io::SendRegion region,
              co_await blobs.read(blob, data.size(), blob.length_bytes - data.size(), false));
    data.append(region.bytes);
  }
  co_return data;
}

Task<void> Mover::list_queue() {
  const rt::Nanos now = core_.runtime.clock().wall_now();
  Bytes begin = meta::moves_begin();
  while (!begin.empty() && !stopping_) {
    Bytes next;
    auto look = [&begin, &next](meta::ReadView& view) { return read_moves(view, begin, kMovesOfRead, &next); };
    TP_CO_TRY(const auto moves, co_await core_.meta.read(std::move(look)));
    for (const QueuedMove& move : moves) {
      if (move.due <= now) core_.moves.add(move.file);
    }
    begin = std::move(next);
  }
  co_return ok;
}

Task<Mover::Plan> Mover::plan_window(FileId file, uint64_t from) {
  const VolumeEntryPtr volume = core_.volumes.find_id(file.volume);
  if (volume == nullptr) co_return Plan();
  const rt::Nanos now = core_.runtime.clock().wall_now();
  auto look = [this, file, from, now](meta::ReadView& view) -> Result<Plan> {
    Plan plan;
    TP_TRY(const auto record, find_inode(view, file.inode));
    if (!record || record->place != meta::DataPlace::kExtents) return plan;
    plan.there = true;
    plan.to = wanted_tier(core_, *record, now);
    TP_TRY(const auto extents, load_extents(view, file.inode, from, record->size_bytes, kExtentWindow));
    std::vector<BlobId> ids;
    for (const meta::Extent& extent : extents) {
      if (extent.blob && (ids.empty() || ids.back() != extent.blob)) ids.push_back(extent.blob);
    }
    TP_TRY(auto blobs, load_blobs(view, ids));
    for (auto& blob : blobs) {
      if (blob && blob->tier != plan.to) plan.blobs.push_back(std::move(*blob));
    }
    if (extents.size() == kExtentWindow) plan.next = extents.back().offset + extents.back().length_bytes;
    return plan;
  };
  co_return co_await core_.read(*volume, std::move(look));
}

Task<Bytes> Mover::plan_file(FileId file) {
  auto load = [file](meta::ReadView& view) {
    return view.get(kv::Space::kMeta, meta::move_key(file.volume, file.inode));
  };
  TP_CO_TRY(const auto request, co_await core_.meta.read(std::move(load)));
  if (!request || request->size() < sizeof(uint64_t)) co_return Bytes();
  const auto due = static_cast<rt::Nanos>(get_be<uint64_t>(request->data()));
  if (due > core_.runtime.clock().wall_now()) co_return Bytes();
  for (uint64_t from = 0; from != UINT64_MAX && !stopping_;) {
    TP_CO_TRY(Plan plan, co_await plan_window(file, from));
    if (!plan.there) co_return *request;
    if (plan.to != 0 && core_.blobs.tier(plan.to) == nullptr) co_return Bytes();
    for (blob::BlobRecord& blob : plan.blobs) TP_CO_TRY_VOID(co_await add(std::move(blob), plan.to));
    from = plan.next;
  }
  co_return stopping_ ? Bytes() : *request;
}

Task<void> Mover::add(blob::BlobRecord blob, uint8_t to) {
  auto& waiting = pending_[to];
  const bool twice = std::ranges::any_of(waiting, [&blob](const auto& one) { return one.id == blob.id; });
  if (twice) co_return ok;
  pending_bytes_[to] += blob.length_bytes;
  waiting.push_back(std::move(blob));
  if (pending_bytes_[to] >= kBatchBytes || waiting.size() >= kBatchBlobs) co_return co_await flush(to);
  co_return ok;
}

Task<void> Mover::flush(uint8_t to) {
  const std::vector<blob::BlobRecord> blobs = std::exchange(pending_[to], {});
  pending_bytes_[to] = 0;
  if (blobs.empty()) co_return ok;
  // Keeps the bytes from being freed while they are copied.
  const ReadGuard guard(core_.dead_blobs);
  std::vector<blob::TierItem> items;
  for (const blob::BlobRecord& blob : blobs) {
    // The record as it is now: what was planned may have been removed or moved since, and its bytes freed.
    auto load = [id = blob.id](meta::ReadView& view) { return load_blob(view, id); };
    TP_CO_TRY(const auto now, co_await core_.meta.read(std::move(load)));
    if (!now || *now != blob) {
      changed_ = changed_ || (now && now->tier != to);
      continue;
    }
    auto data = co_await read_whole_blob(core_.blobs, blob);
    if (!data) {
      // One that cannot be read stays where it is, for check and scrub to name.
      if (data.error().code == Code::kCorruption) continue;
      co_return std::unexpected(std::move(data.error()));
    }
    items.push_back({blob, std::make_shared<const Bytes>(std::move(*data))});
  }
  if (items.empty()) co_return ok;
  co_return co_await swap(to, std::move(items));
}

namespace {

Task<std::vector<blob::BlobRecord>> put_on(blob::BlobStore& blobs, uint8_t to, std::vector<blob::TierItem> items) {
  std::vector<blob::BlobRecord> records;
  if (to == 0) {
    for (const blob::TierItem& item : items) {
      TP_CO_TRY(blob::BlobRecord stored, co_await blobs.store(item.blob.id, item.data));
      records.push_back(std::move(stored));
    }
    co_return records;
  }
  blob::Tier* tier = blobs.tier(to);
  if (tier == nullptr) co_return fail(Code::kUnavailable, "the tier is not configured");
  TP_CO_TRY(records, co_await tier->put(std::move(items)));
  for (blob::BlobRecord& record : records) record.tier = to;
  co_return records;
}

void swap_record(meta::Txn& txn, const blob::BlobRecord& old, const blob::BlobRecord& moved) {
  txn.put(kv::Space::kBlobs, meta::blob_key(moved.id), encode_blob_record(moved));
  txn.erase(kv::Space::kBlobs, meta::blob_place_key(old.tier, old.segment, old.offset));
  txn.put(kv::Space::kBlobs, meta::blob_place_key(moved.tier, moved.segment, moved.offset),
          encode_blob_place(moved.id));
}

}  // namespace

Task<void> Mover::swap(uint8_t to, std::vector<blob::TierItem> items) {
  std::vector<blob::BlobRecord> old;
  uint64_t bytes = 0;
  for (const blob::TierItem& item : items) {
    old.push_back(item.blob);
    bytes += item.blob.length_bytes;
  }
  TP_CO_TRY(const auto moved, co_await put_on(core_.blobs, to, std::move(items)));
  std::vector<blob::BlobRecord> lost;  // copies of what has changed meanwhile
  bool changed = false;
  auto body = [this, to, &old, &moved, &lost, &changed](meta::Txn& txn) -> Result<void> {
    lost.clear();
    std::vector<blob::BlobRecord> dead;
    for (size_t i = 0; i < old.size(); ++i) {
      TP_TRY(const auto now, load_blob(txn, old[i].id));
      if (!now || *now != old[i]) {
        lost.push_back(moved[i]);
        changed = changed || (now && now->tier != to);
        continue;
      }
      swap_record(txn, old[i], moved[i]);
      dead.push_back(old[i]);
    }
    txn.after_commit([&core = core_, dead = std::move(dead)]() mutable {
      // Cached records of the old place first: who finds one from here on reads it anew.
      core.relocations.fetch_add(1);
      core.dead_blobs.retire(std::move(dead));
    });
    return ok;
  };
  auto swapped = co_await core_.change(std::move(body));
  changed_ = changed_ || changed;
  if (!swapped && swapped.error().applied != Applied::kNo) co_return swapped;
  for (const blob::BlobRecord& copy : swapped ? lost : moved) (void)co_await core_.blobs.free(copy);
  if (!swapped) co_return swapped;
  core_.moved_blobs.fetch_add(moved.size() - lost.size());
  core_.moved_bytes.fetch_add(bytes);
  const uint64_t rate = core_.options.move_bytes_per_second;
  if (rate != 0) {
    const double seconds = static_cast<double>(bytes) / static_cast<double>(rate);
    TP_CO_TRY_VOID(co_await pause_(static_cast<rt::Nanos>(seconds * rt::kSecond)));
  }
  co_return ok;
}

Task<void> Mover::settle(FileId file, const Bytes& request) {
  auto body = [this, file, &request](meta::Txn& txn) -> Result<void> {
    const VolumeEntryPtr volume = core_.volumes.find_id(file.volume);
    const Bytes key = meta::move_key(file.volume, file.inode);
    TP_TRY(const auto present, txn.get(kv::Space::kMeta, key));
    if (present != request) {
      if (present) txn.after_commit([&core = core_, file] { core.moves.add(file); });
      return ok;
    }
    if (volume == nullptr) {
      txn.erase(kv::Space::kMeta, key);
      return ok;
    }
    TP_TRY(Namespace names, Namespace::open(core_, txn, *volume));
    txn.erase(kv::Space::kMeta, key);
    TP_TRY(auto record, find_inode(txn, file.inode));
    if (!record) return ok;
    if (record->restore_days != 0) {
      // Readable until the midnight (UTC) after so many days, as S3 has it.
      constexpr rt::Nanos kDay = 24 * 3600 * rt::kSecond;
      const rt::Nanos until = txn.wall_now() + record->restore_days * kDay;
      record->restored_until = (until + kDay - 1) / kDay * kDay;
      record->restore_days = 0;
      TP_TRY_VOID(names.update(file.inode, *record));
    }
    if (record->restored_until > txn.wall_now()) queue_move(names, file.inode, *record, record->restored_until);
    return names.finish();
  };
  co_return co_await core_.change(std::move(body));
}

Task<bool> Mover::move_listed() {
  const std::vector<FileId> files = core_.moves.take(kFilesOfRound);
  if (files.empty()) co_return false;
  std::vector<std::pair<FileId, Bytes>> whole;
  Result<void> result = ok;
  for (const FileId& file : files) {
    auto planned = co_await plan_file(file);
    if (!planned && result) result = std::unexpected(std::move(planned.error()));
    if (planned && !planned->empty()) whole.emplace_back(file, std::move(*planned));
    if (stopping_) co_return true;
  }
  for (auto& [tier, blobs] : pending_) {
    if (auto flushed = co_await flush(tier); !flushed && result) result = std::move(flushed);
  }
  // What failed stays in the queue, to be listed again later.
  if (!result) co_return std::unexpected(std::move(result.error()));
  // Nor is a file done with, of which a blob went elsewhere meanwhile: compaction had it between the plan and the move.
  if (std::exchange(changed_, false)) co_return true;
  for (const auto& [file, request] : whole) TP_CO_TRY_VOID(co_await settle(file, request));
  co_return true;
}

Task<void> Mover::reclaim_tiers() {
  for (const uint8_t number : core_.blobs.tiers()) {
    blob::Tier& tier = *core_.blobs.tier(number);
    TP_CO_TRY(const auto segments, co_await tier.segments());
    for (const blob::SegmentInfo& segment : segments) {
      if (!segment.from_earlier_start || reclaimed_.contains({number, segment.id})) continue;
      if (stopping_) co_return fail(Code::kCancelled, "stopping");
      const ReadGuard guard(core_.dead_blobs);
      TP_CO_TRY(LiveRuns live, co_await read_live(core_, number, segment.id));
      TP_CO_TRY_VOID(co_await tier.reclaim(segment.id, std::move(live)));
      reclaimed_.insert({number, segment.id});
    }
  }
  co_return ok;
}

Task<bool> Mover::compact_tiers() {
  bool any = false;
  for (const uint8_t number : core_.blobs.tiers()) {
    blob::Tier& tier = *core_.blobs.tier(number);
    TP_CO_TRY(const auto segments, co_await tier.segments());
    for (const blob::SegmentInfo& segment : segments) {
      if (stopping_) co_return false;
      if (compacted_.contains({number, segment.id}) || !tier.wants_moving(segment.id)) continue;
      TP_CO_TRY_VOID(co_await compact(number, segment.id));
      compacted_.insert({number, segment.id});
      any = true;
    }
  }
  co_return any;
}

Task<void> Mover::compact(uint8_t tier, SegmentId segment) {
  Bytes begin = meta::blob_places_begin(tier, segment);
  while (!begin.empty() && !stopping_) {
    auto read = [tier, segment, &begin](meta::ReadView& view) { return read_places(view, tier, segment, begin); };
    TP_CO_TRY(BlobPlaces places, co_await core_.meta.read(std::move(read)));
    for (const auto& [offset, id] : places.found) {
      auto load = [id](meta::ReadView& view) { return load_blob(view, id); };
      TP_CO_TRY(auto blob, co_await core_.meta.read(std::move(load)));
      if (blob && blob->tier == tier && blob->segment == segment) TP_CO_TRY_VOID(co_await add(std::move(*blob), tier));
    }
    begin = std::move(places.next);
  }
  co_return co_await flush(tier);
}

}  // namespace tp::plane
