#include "plane/care/blob_places.h"

#include <algorithm>

#include "meta/keys.h"
#include "plane/core/blob_records.h"

namespace tp::plane {
namespace {

constexpr size_t kPlacesPerRead = 1024;
constexpr size_t kPlaceKeyBytes = 18;

/// Appends what lives; returns where to go on.
Result<Bytes> read_live_runs(meta::RecordSource& source, uint8_t tier, SegmentId segment, const Bytes& begin,
                             LiveRuns& runs) {
  runs.clear();
  TP_TRY(BlobPlaces places, read_places(source, tier, segment, begin));
  std::vector<BlobId> ids;
  for (const auto& [offset, id] : places.found) ids.push_back(id);
  TP_TRY(auto blobs, load_blobs(source, ids));
  for (size_t i = 0; i < ids.size(); ++i) {
    // Removed or moved since the place was read.
    if (!blobs[i] || blobs[i]->tier != tier || blobs[i]->segment != segment) continue;
    if (blobs[i]->offset == places.found[i].first) runs.emplace_back(blobs[i]->offset, blob::taken_bytes(*blobs[i]));
  }
  return std::move(places.next);
}

}  // namespace

Result<BlobPlaces> read_places(meta::RecordSource& source, uint8_t tier, SegmentId segment, const Bytes& begin) {
  BlobPlaces places;
  Result<void> parsed;
  auto take = [&](BytesView key, BytesView value) {
    auto id = decode_blob_place(value);
    if (!id || key.size() != kPlaceKeyBytes) {
      parsed = fail(Code::kCorruption, "a blob's place record does not parse");
      return false;
    }
    places.found.emplace_back(get_be<uint64_t>(key.data() + key.size() - sizeof(uint64_t)), *id);
    if (places.found.size() < kPlacesPerRead) return true;
    places.next = Bytes(key) + '\0';
    return false;
  };
  TP_TRY_VOID(source.scan(kv::Space::kBlobs, begin, meta::blob_places_end(tier, segment), take));
  if (!parsed) return std::unexpected(std::move(parsed.error()));
  return places;
}

Task<LiveRuns> read_live(Core& core, uint8_t tier, SegmentId segment) {
  LiveRuns live;
  Bytes begin = meta::blob_places_begin(tier, segment);
  while (!begin.empty()) {
    LiveRuns runs;
    auto read = [tier, segment, &begin, &runs](meta::ReadView& view) {
      return read_live_runs(view, tier, segment, begin, runs);
    };
    TP_CO_TRY(begin, co_await core.meta.read(std::move(read)));
    live.insert(live.end(), runs.begin(), runs.end());
  }
  // Once this has come back, every change that the reads saw has told what it killed.
  auto nothing = [](meta::Txn&) -> Result<void> { return ok; };
  TP_CO_TRY_VOID(co_await core.change(std::move(nothing)));
  const LiveRuns waiting = core.dead_blobs.waiting_in(tier, segment);
  live.insert(live.end(), waiting.begin(), waiting.end());
  std::ranges::sort(live);
  const auto again = std::ranges::unique(live);
  live.erase(again.begin(), again.end());
  co_return live;
}

}  // namespace tp::plane
