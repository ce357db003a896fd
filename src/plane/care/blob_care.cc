// The janitor's steps on blobs: reclaim, compaction, scrub.
#include <algorithm>

#include "blob/tier.h"
#include "meta/keys.h"
#include "plane/care/blob_places.h"
#include "plane/care/janitor.h"
#include "plane/core/blob_records.h"

namespace tp::plane {
namespace {

/// Compaction reads and writes at most about this much a second.
constexpr uint64_t kCompactBytesPerSecond = 64ull << 20;
/// What a blob that is not scrubbed counts as, so that a store of nothing else is not gone through at once.
constexpr uint64_t kPassedByBytes = 4096;

}  // namespace

Task<void> Janitor::reclaim_earlier_segments() {
  for (const blob::SegmentInfo& segment : core_.blobs.segments()) {
    if (!segment.from_earlier_start || reclaimed_.contains(segment.id)) continue;
    if (stopping_) co_return fail(Code::kCancelled, "stopping");
    // What dies from here on is freed only after the store has been told, so that it is not counted live for good; and
    // what will be freed is counted, though its records are gone: else the segment would go before its last blob.
    ReadGuard guard(core_.dead_blobs);
    TP_CO_TRY(LiveRuns live, co_await read_live(core_, 0, segment.id));
    TP_CO_TRY_VOID(co_await core_.blobs.reclaim(segment.id, std::move(live)));
    reclaimed_.insert(segment.id);
  }
  co_return ok;
}

std::optional<SegmentId> Janitor::most_dead_segment() {
  std::optional<SegmentId> worst;
  double least_live = 0.5;
  for (const blob::SegmentInfo& segment : core_.blobs.segments()) {
    if (!segment.sealed || segment.size_bytes == 0 || segment.live_bytes == 0) continue;
    if (segment.from_earlier_start && !reclaimed_.contains(segment.id)) continue;
    if (compacted_.contains(segment.id)) continue;
    double live = static_cast<double>(segment.live_bytes) / static_cast<double>(segment.size_bytes);
    if (live >= least_live) continue;
    least_live = live;
    worst = segment.id;
  }
  return worst;
}

Task<bool> Janitor::compact_one_segment() {
  auto segment = most_dead_segment();
  if (!segment) co_return false;
  Bytes begin = meta::blob_places_begin(0, *segment);
  while (!begin.empty()) {
    auto read = [id = *segment, &begin](meta::ReadView& view) { return read_places(view, 0, id, begin); };
    TP_CO_TRY(BlobPlaces places, co_await core_.meta.read(std::move(read)));
    begin = std::move(places.next);
    for (const auto& [offset, id] : places.found) {
      auto moved = co_await relocate(id, *segment);
      // One that cannot be read stays where it is, for check and scrub to name.
      if (!moved && moved.error().code != Code::kCorruption) co_return std::unexpected(std::move(moved.error()));
      if (stopping_) co_return false;
    }
  }
  compacted_.insert(*segment);
  co_return true;
}

Task<bool> Janitor::relocate(BlobId id, SegmentId from) {
  // Keeps the bytes from being freed while they are copied.
  ReadGuard guard(core_.dead_blobs);
  auto load = [id](meta::ReadView& view) { return load_blob(view, id); };
  TP_CO_TRY(auto old, co_await core_.meta.read(std::move(load)));
  if (!old || old->segment != from) co_return false;
  TP_CO_TRY(blob::BlobRecord moved, co_await core_.blobs.relocate(*old));
  auto swap = [this, &old, &moved](meta::Txn& txn) -> Result<bool> {
    TP_TRY(auto now, load_blob(txn, old->id));
    if (!now || !(*now == *old)) return fail(Code::kConflict, "the blob has changed");
    txn.put(kv::Space::kBlobs, meta::blob_key(moved.id), encode_blob_record(moved));
    txn.erase(kv::Space::kBlobs, meta::blob_place_key(old->tier, old->segment, old->offset));
    txn.put(kv::Space::kBlobs, meta::blob_place_key(moved.tier, moved.segment, moved.offset),
            encode_blob_place(moved.id));
    txn.after_commit([&core = core_, dead = *old] {
      // Cached records of the old place first: who finds one from here on reads it anew.
      core.relocations.fetch_add(1);
      core.dead_blobs.retire({dead});
    });
    return true;
  };
  auto swapped = co_await core_.change(std::move(swap));
  if (!swapped) {
    if (swapped.error().applied == Applied::kNo) (void)co_await core_.blobs.free(moved);
    if (swapped.error().code == Code::kConflict) co_return false;
    co_return std::unexpected(std::move(swapped.error()));
  }
  core_.blobs_compacted.fetch_add(1);
  auto length = static_cast<rt::Nanos>(moved.length_bytes);
  TP_CO_TRY_VOID(co_await pause(length * rt::kSecond / static_cast<rt::Nanos>(kCompactBytesPerSecond)));
  co_return true;
}

Task<uint64_t> Janitor::scrub_one() {
  ReadGuard guard(core_.dead_blobs);
  struct Next {
    BlobId id;
    std::optional<blob::BlobRecord> blob;  // none: the record does not parse
  };
  auto find_next = [after = scrubbed_](meta::ReadView& view) -> Result<Next> {
    Next next;
    auto take = [&next](BytesView key, BytesView value) {
      next.id = BlobId(get_be<uint64_t>(key.data() + key.size() - sizeof(uint64_t)));
      if (auto blob = decode_blob_record(next.id, value); blob) next.blob = std::move(*blob);
      return false;
    };
    Bytes begin = after ? meta::blob_key(after) + '\0' : meta::blobs_begin();
    TP_TRY_VOID(view.scan(kv::Space::kBlobs, begin, meta::blobs_end(), take));
    return next;
  };
  TP_CO_TRY(Next next, co_await core_.meta.read(std::move(find_next)));
  scrubbed_ = next.id;
  if (!next.id) co_return uint64_t{0};
  core_.scrubbed_blobs.fetch_add(1);
  if (!next.blob) {
    core_.scrub_errors.fetch_add(1);
    co_return uint64_t{1};
  }
  if (blob::Tier* tier = core_.blobs.tier(next.blob->tier); tier != nullptr && tier->remote()) {
    co_return kPassedByBytes;
  }
  auto verified = co_await core_.blobs.verify(*next.blob);
  if (!verified) core_.scrub_errors.fetch_add(1);
  co_return next.blob->length_bytes;
}

}  // namespace tp::plane
