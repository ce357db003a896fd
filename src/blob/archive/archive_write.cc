// Packs on their way up, and away: put, free, reclaim, listing.
#include <algorithm>

#include "blob/archive/archive_store.h"
#include "blob/archive/pack_format.h"
#include "rt/env/rng.h"

namespace tp::blob {

namespace {
constexpr size_t kListPage = 1000;
constexpr size_t kMaxListed = 50'000'000;  // names; more is no store of ours
constexpr uint64_t kMaxPackBytes = 1ull << 30;
constexpr uint64_t kMaxStartNumber = (1ull << 40) - 1;
}  // namespace

struct ArchiveStore::Draft {
  SegmentId id;
  PackSealer sealer;
  std::shared_ptr<Bytes> bytes = std::make_shared<Bytes>();
  PackTable::Runs live;

  Draft(SegmentId id_in, const PackSealer& sealer_in) : id(id_in), sealer(sealer_in) {}
};

Task<std::unique_ptr<Tier>> open_archive_tier(ArchiveOptions options) {
  TP_CHECK(options.runtime != nullptr && options.store != nullptr);
  if (options.start_number == 0 || options.start_number > kMaxStartNumber) {
    co_return fail(Code::kInvalidArgument, "archive tier: start number out of range");
  }
  const bool bad_prefix =
      options.prefix.starts_with('/') || options.prefix.ends_with('/') || options.prefix.size() > 512 ||
      !std::ranges::all_of(options.prefix, [](char c) { return c > 0x20 && c < 0x7f && c != '\\'; });
  if (bad_prefix) co_return fail(Code::kInvalidArgument, "archive tier: not a prefix of names: " + options.prefix);
  if (options.pack_bytes < kPackHeaderBytes || options.pack_bytes > kMaxPackBytes) {
    co_return fail(Code::kInvalidArgument, "archive tier: packs may be up to 1 GiB");
  }
  auto tier = std::make_unique<ArchiveStore>(std::move(options));
  auto probed = co_await tier->probe();
  if (!probed) {
    const auto stopped = co_await tier->stop();
    static_cast<void>(stopped);  // what was wrong before is what matters
    co_return std::unexpected(std::move(probed).error());
  }
  co_return std::unique_ptr<Tier>(std::move(tier));
}

ArchiveStore::ArchiveStore(ArchiveOptions options)
    : options_(std::move(options)),
      name_prefix_(pack_name_prefix(options_.prefix, options_.store_id, options_.tier)),
      packs_(options_.start_number),
      cache_(options_.cache_bytes) {
  for (unsigned i = 0; i < std::max(1u, options_.packs_at_a_time); ++i) {
    lanes_.push_back(std::make_unique<rt::AsyncMutex>());
  }
}

Task<void> ArchiveStore::probe() {
  auto listed = co_await options_.store->list(name_prefix_, "", 1);
  if (listed) co_return ok;
  Error error = std::move(listed).error();
  const bool wrong = error.code == Code::kInvalidArgument || error.code == Code::kPermissionDenied ||
                     error.code == Code::kUnauthenticated || error.code == Code::kNotFound;
  if (wrong) co_return std::unexpected(std::move(error).with_context(options_.store->description()));
  report(options_.store->description() + " does not answer now: " + error.to_string());
  co_return ok;
}

Task<void> ArchiveStore::stop() {
  co_return co_await options_.store->stop();
}

void ArchiveStore::report(const std::string& text) const {
  if (options_.report) options_.report(text);
}

std::string ArchiveStore::name_of(SegmentId pack) const {
  return pack_name(name_prefix_, pack);
}

Result<std::unique_ptr<ArchiveStore::Draft>> ArchiveStore::new_draft() {
  const uint64_t counter = next_counter_.fetch_add(1);
  if (counter > kMaxPackCounter) return fail(Code::kNoSpace, "this start has no pack numbers left");
  const SegmentId id(options_.start_number << kPackCounterBits | counter);
  PackSalt salt;
  rt::secure_random(salt);
  auto draft = std::make_unique<Draft>(id, PackSealer(options_.keys.sealing(), pack_id(id), salt));
  PackHeader header;
  header.pack = pack_id(id);
  header.fingerprint = draft->sealer.fingerprint();
  header.salt = salt;
  append_pack_header(header, *draft->bytes);
  return draft;
}

Result<BlobRecord> ArchiveStore::add(Draft& draft, const TierItem& item) const {
  const EncodedFrames encoded = encode_frames(*item.data, options_.frames);
  BlobRecord record = item.blob;
  record.encoding = Encoding::kSealedFrames;
  record.segment = draft.id;
  record.offset = draft.bytes->size();
  record.frames.clear();
  record.piece_checksums.clear();
  size_t at = 0;
  for (size_t i = 0; i < encoded.sizes.size(); ++i) {
    FramePlace place;
    place.offset = draft.bytes->size();
    place.blob = record.id;
    place.frame = static_cast<uint32_t>(i);
    place.data_bytes = static_cast<uint32_t>(frame_data_bytes(record.length_bytes, i));
    TP_TRY_VOID(draft.sealer.seal(place, BytesView(encoded.bytes).substr(at, encoded.sizes[i]), *draft.bytes));
    at += encoded.sizes[i];
    record.frames.push_back(encoded.sizes[i] + kSealBytes);
  }
  draft.live.emplace_back(record.offset, draft.bytes->size() - record.offset);
  return record;
}

Task<void> ArchiveStore::upload(std::unique_ptr<Draft> draft) {
  const std::shared_ptr<const Bytes> bytes = draft->bytes;
  packs_.begin_upload(draft->id);
  auto put = co_await options_.store->put(name_of(draft->id), bytes);
  if (!put) {
    packs_.upload_failed(draft->id);
    co_return std::unexpected(std::move(put).error().with_context("archive"));
  }
  counters_.writes.fetch_add(1, std::memory_order_relaxed);
  counters_.bytes_written.fetch_add(bytes->size(), std::memory_order_relaxed);
  packs_.uploaded(draft->id, bytes->size(), draft->live);
  co_return ok;
}

Task<std::vector<BlobRecord>> ArchiveStore::put(std::vector<TierItem> items) {
  for (const TierItem& item : items) {
    const bool good = item.data != nullptr && item.data->size() == item.blob.length_bytes &&
                      item.blob.length_bytes > 0 && item.blob.length_bytes <= kMaxBlobBytes;
    if (!good) co_return fail(Code::kInvalidArgument, "archive: a blob's data is not what its record says");
  }
  const uint64_t lane = next_lane_.fetch_add(1) % lanes_.size();
  const auto guard = co_await lanes_[lane]->lock();
  std::vector<SegmentId> uploaded;
  auto records = co_await put_packs(std::move(items), &uploaded);
  if (!records) {
    // Nobody will hear of the packs that went up before. What cannot be removed now is tried again later.
    for (const SegmentId pack : uploaded) packs_.upload_failed(pack);
    co_await remove_dead();
  }
  co_return records;
}

Task<std::vector<BlobRecord>> ArchiveStore::put_packs(std::vector<TierItem> items, std::vector<SegmentId>* uploaded) {
  std::vector<BlobRecord> records;
  std::unique_ptr<Draft> draft;
  for (TierItem& item : items) {
    // At its largest: frames never grow but by their seal.
    const uint64_t most = item.blob.length_bytes + frame_count(item.blob.length_bytes) * kSealBytes;
    if (draft != nullptr && !draft->live.empty() && draft->bytes->size() + most > options_.pack_bytes) {
      const SegmentId id = draft->id;
      TP_CO_TRY_VOID(co_await upload(std::move(draft)));
      uploaded->push_back(id);
      draft = nullptr;
    }
    if (draft == nullptr) {
      TP_CO_TRY(draft, new_draft());
    }
    auto work = [this, &draft, &item] { return add(*draft, item); };
    TP_CO_TRY(BlobRecord record, co_await encoders_.run(work));
    records.push_back(std::move(record));
    item.data.reset();
  }
  if (draft != nullptr) {
    const SegmentId id = draft->id;
    TP_CO_TRY_VOID(co_await upload(std::move(draft)));
    uploaded->push_back(id);
  }
  co_return records;
}

Task<void> ArchiveStore::remove_pack(SegmentId pack) {
  auto removed = co_await options_.store->remove(name_of(pack));
  if (!removed) {
    report("pack " + name_of(pack) +
           " could not be removed, which is tried again later: " + removed.error().to_string());
    co_return ok;
  }
  packs_.removed(pack);
  co_return ok;
}

Task<void> ArchiveStore::remove_dead() {
  for (const SegmentId pack : packs_.dead()) co_await remove_pack(pack);
  co_return ok;
}

Task<void> ArchiveStore::free(const BlobRecord& blob) {
  TP_CO_TRY_VOID(check_record(blob));
  const bool dead = packs_.free(blob.segment, blob.offset, blob.stored_bytes());
  if (dead) co_await remove_pack(blob.segment);
  co_return ok;
}

bool ArchiveStore::wants_moving(SegmentId segment) {
  return packs_.wants_moving(segment, options_.repack_below_percent);
}

Task<void> ArchiveStore::list_packs() {
  std::vector<std::pair<SegmentId, uint64_t>> found;
  std::string after;
  for (;;) {
    TP_CO_TRY(const auto page, co_await options_.store->list(name_prefix_, after, kListPage));
    for (const io::StoredObject& object : page) {
      const auto segment = segment_of_pack(name_prefix_, object.name);
      if (segment) {
        found.emplace_back(*segment, object.size_bytes);
      } else {
        report(object.name + " in " + options_.store->description() + " is no pack: left alone");
      }
    }
    if (page.size() < kListPage) break;
    if (found.size() > kMaxListed) co_return fail(Code::kIo, "the bucket lists without end");
    after = page.back().name;
  }
  const auto later = packs_.listed(found);
  if (!later.empty()) {
    report(std::to_string(later.size()) +
           " packs are of a later start than this one, as if an old copy of the "
           "metadata was put back: left alone, " +
           name_of(later.front()) + " for one");
  }
  for (const SegmentId pack : packs_.missing()) report("pack " + name_of(pack) + " is gone, with blobs that are live");
  co_return ok;
}

Task<std::vector<SegmentInfo>> ArchiveStore::segments() {
  const auto guard = co_await listing_.lock();
  const rt::Nanos now = options_.runtime->clock().now();
  if (!listed_at_ || now - *listed_at_ >= options_.list_again_after) {
    TP_CO_TRY_VOID(co_await list_packs());
    listed_at_ = now;
  }
  co_await remove_dead();
  co_return packs_.infos();
}

Task<void> ArchiveStore::reclaim(SegmentId segment, std::vector<std::pair<uint64_t, uint64_t>> live) {
  TP_CO_TRY(const bool dead, packs_.reclaim(segment, std::move(live), kPackHeaderBytes));
  if (dead) co_await remove_pack(segment);
  co_return ok;
}

TierStats ArchiveStore::stats() const {
  const PackTable::Sums sums = packs_.sums();
  const io::ObjectStoreStats remote = options_.store->stats();
  TierStats stats;
  stats.segments = sums.packs;
  stats.live_bytes = sums.live_bytes;
  stats.disk_bytes = sums.stored_bytes;
  stats.bytes_written = counters_.bytes_written;
  stats.bytes_read = counters_.bytes_read;
  stats.reads = counters_.reads;
  stats.writes = counters_.writes;
  stats.checksum_failures = counters_.checksum_failures;
  stats.retries = remote.retries + counters_.reread;
  return stats;
}

}  // namespace tp::blob
