#include "plane/check/passes/blob_pass.h"

#include <algorithm>

#include "meta/history/history_records.h"
#include "meta/keys.h"
#include "meta/upload_record.h"
#include "plane/core/blob_records.h"

namespace tp::plane {

namespace {

constexpr size_t kTaggedIdBytes = 1 + 8;       // a key of a tag and an id
constexpr size_t kPlaceKeyBytes = 1 + 1 + 8 + 8;

std::string blob_text(BlobId blob) { return "blob " + std::to_string(blob.value); }
BlobId id_of(BytesView key) { return BlobId(get_be<uint64_t>(key.data() + 1)); }
Bytes just_after(Bytes key) { return key + '\0'; }

}  // namespace

BlobPass::BlobPass(meta::ReadView& view, FindingList& findings, size_t blobs_per_round)
    : view_(view), findings_(findings), blobs_per_round_(blobs_per_round) {
  blobs_ = view.iterate(kv::Space::kBlobs, meta::blobs_begin(), meta::blobs_end());
  blobs_->seek(meta::blobs_begin());
}

Result<bool> BlobPass::step() {
  for (size_t done = 0; done < kRecordsPerStep && stage_ != Stage::kDone; ++done) {
    TP_TRY(const bool more, visit());
    if (!more) TP_TRY_VOID(next_stage());
  }
  return stage_ != Stage::kDone;
}

Result<bool> BlobPass::visit() {
  if (stage_ == Stage::kCompare) return compare();
  kv::Iterator& iterator = stage_ == Stage::kCollect ? *blobs_ : *records_;
  if (stage_ == Stage::kCollect && counted_.size() >= blobs_per_round_) return false;
  if (!iterator.valid()) {
    TP_TRY_VOID(iterator.status());
    return false;
  }
  switch (stage_) {
    case Stage::kCollect: TP_TRY_VOID(collect()); break;
    case Stage::kExtents: TP_TRY_VOID(count_extent()); break;
    case Stage::kParts: count_part(); break;
    case Stage::kOverlay: count_overlay(); break;
    case Stage::kHistory: count_history(); break;
    case Stage::kPlaces: TP_TRY_VOID(take_place()); break;
    case Stage::kReferences: TP_TRY_VOID(check_references()); break;
    case Stage::kCompare:
    case Stage::kDone: break;
  }
  iterator.next();
  return true;
}

Result<void> BlobPass::next_stage() {
  switch (stage_) {
    case Stage::kCollect:
      TP_TRY_VOID(find_places());
      round_end_ = blobs_->valid() && !counted_.empty() ? counted_.back().id.value : UINT64_MAX;
      scan(kv::Space::kExtents, Bytes(), Bytes());
      break;
    case Stage::kExtents: {
      const Bytes begin = meta::part_key(UploadId(0), 0);
      scan(kv::Space::kUploads, begin, just_after(meta::part_key(UploadId(UINT64_MAX), UINT16_MAX)));
      break;
    }
    case Stage::kParts: scan(kv::Space::kOverlay, Bytes(), Bytes()); break;
    case Stage::kOverlay: scan(kv::Space::kHistory, Bytes(), Bytes()); break;
    case Stage::kHistory: compared_ = 0; break;
    case Stage::kCompare:
      if (round_end_ != UINT64_MAX) {
        round_begin_ = round_end_ + 1;
        counted_.clear();
        stage_ = Stage::kCollect;
        return ok;
      }
      scan(kv::Space::kBlobs, meta::blob_place_key(0, SegmentId(0), 0),
           just_after(meta::blob_place_key(UINT8_MAX, SegmentId(UINT64_MAX), UINT64_MAX)));
      break;
    case Stage::kPlaces:
      TP_TRY_VOID(check_places());
      scan(kv::Space::kBlobs, meta::blob_references_key(BlobId(0)),
           just_after(meta::blob_references_key(BlobId(UINT64_MAX))));
      break;
    case Stage::kReferences:
    case Stage::kDone: break;
  }
  stage_ = static_cast<Stage>(static_cast<uint8_t>(stage_) + 1);
  return ok;
}

void BlobPass::scan(kv::Space space, Bytes begin, Bytes end) {
  records_ = view_.iterate(space, begin, std::move(end));
  records_->seek(begin);
}

Result<void> BlobPass::collect() {
  findings_.count_record();
  if (blobs_->key().size() != kTaggedIdBytes) {
    findings_.add("corrupt-key", "blobs", to_hex(blobs_->key()));
    return ok;
  }
  const BlobId id = id_of(blobs_->key());
  const auto blob = decode_blob_record(id, blobs_->value());
  if (!blob) {
    findings_.add("corrupt-blob-record", blob_text(id), blob.error().message);
    return ok;
  }
  if (blob->length_bytes == 0 || blob->length_bytes > blob::kMaxBlobBytes) {
    findings_.add("corrupt-blob-record", blob_text(id), "a length of " + std::to_string(blob->length_bytes));
  }
  counted_.push_back({id, blob->length_bytes, 0});
  placed_.push_back({id, meta::blob_place_key(blob->tier, blob->segment, blob->offset)});
  return placed_.size() < kLookupBatch ? Result<void>() : find_places();
}

Result<void> BlobPass::find_places() {
  std::vector<Bytes> keys;
  keys.reserve(placed_.size());
  for (Placed& placed : placed_) keys.push_back(std::move(placed.place_key));
  TP_TRY(const auto values, view_.multi_get(kv::Space::kBlobs, keys));
  for (size_t i = 0; i < placed_.size(); ++i) {
    const auto found = values[i] ? decode_blob_place(*values[i]) : fail(Code::kNotFound, "none");
    if (found && *found == placed_[i].id) continue;
    findings_.add("wrong-place", blob_text(placed_[i].id), "its place is not noted as taken by it");
  }
  placed_.clear();
  return ok;
}

Result<void> BlobPass::count_extent() {
  const BytesView key = records_->key();
  if (key.size() != 2 * sizeof(uint64_t)) return ok;  // the inode pass has said so
  const InodeId inode(get_be<uint64_t>(key.data()));
  const auto extent = meta::decode_extent(get_be<uint64_t>(key.data() + sizeof(uint64_t)), records_->value());
  if (extent) count(*extent, [&] { return findings_.name_of(view_, inode); });
  return ok;
}

void BlobPass::count_part() {
  const auto part = meta::decode_part(records_->value());
  if (!part) return;  // the upload pass has said so
  const auto where = [&] {
    const BytesView key = records_->key();
    return "upload " + std::to_string(key.size() > kTaggedIdBytes ? id_of(key).value : 0) + ", part " +
           std::to_string(get_be<uint16_t>(key.data() + key.size() - sizeof(uint16_t)));
  };
  for (const meta::Extent& extent : part->extents) count(extent, where);
}

// What does not parse, the history pass has named.
void BlobPass::count_overlay() {
  const BytesView key = records_->key();
  if (key.size() < meta::kOverlayPrefixBytes) return;
  if (static_cast<kv::Space>(key[meta::kOverlayPrefixBytes - 1]) != kv::Space::kExtents) return;
  const auto value = meta::decode_overlay(records_->value());
  if (value && *value) count_kept(key.substr(meta::kOverlayPrefixBytes), **value);
}

void BlobPass::count_history() {
  const BytesView key = records_->key();
  constexpr size_t kSpaceAt = 1 + sizeof(uint64_t);
  if (key.size() <= kSpaceAt || key[0] != 'h') return;
  if (static_cast<kv::Space>(key[kSpaceAt]) != kv::Space::kExtents) return;
  const auto parts = meta::parse_history_key(key);
  const auto kept = meta::decode_kept(records_->value());
  if (parts && kept && kept->kind == meta::KeptKind::kValue) count_kept(parts->key, kept->value);
}

void BlobPass::count_kept(BytesView key, BytesView value) {
  if (key.size() != 2 * sizeof(uint64_t)) return;
  const auto extent = meta::decode_extent(get_be<uint64_t>(key.data() + sizeof(uint64_t)), value);
  const auto where = [&] { return "what is kept of inode " + std::to_string(get_be<uint64_t>(key.data())); };
  if (extent) count(*extent, where);
}

void BlobPass::count(const meta::Extent& extent, const std::function<std::string()>& where) {
  if (!extent.blob) return;  // a hole
  if (extent.blob.value < round_begin_ || extent.blob.value > round_end_) return;
  const auto found = std::ranges::lower_bound(counted_, extent.blob, {}, &Counted::id);
  if (found == counted_.end() || found->id != extent.blob) {
    findings_.add("missing-blob", where(), "needs " + blob_text(extent.blob) + ", which has no record");
    return;
  }
  ++found->references;
  if (extent.blob_offset > found->length_bytes || extent.length_bytes > found->length_bytes - extent.blob_offset) {
    findings_.add("missing-data", where(), "an extent goes past the end of " + blob_text(extent.blob));
  }
}

Result<bool> BlobPass::compare() {
  const size_t end = std::min(counted_.size(), compared_ + kLookupBatch);
  std::vector<Bytes> keys;
  for (size_t i = compared_; i < end; ++i) keys.push_back(meta::blob_references_key(counted_[i].id));
  TP_TRY(const auto values, view_.multi_get(kv::Space::kBlobs, keys));
  for (size_t i = compared_; i < end; ++i) {
    const Counted& counted = counted_[i];
    const auto& value = values[i - compared_];
    const auto recorded = value ? decode_references(*value) : Result<uint64_t>(1);
    if (!recorded) {
      findings_.add("wrong-references", blob_text(counted.id), recorded.error().message);
    } else if (counted.references == 0) {
      findings_.add("orphan-blob", blob_text(counted.id), "nothing refers to it");
    } else if (*recorded != counted.references) {
      findings_.add("wrong-references", blob_text(counted.id),
                    "recorded " + std::to_string(*recorded) + ", counted " + std::to_string(counted.references));
    }
  }
  compared_ = end;
  return compared_ < counted_.size();
}

Result<void> BlobPass::take_place() {
  findings_.count_record();
  const BytesView key = records_->key();
  const auto id = decode_blob_place(records_->value());
  if (key.size() != kPlaceKeyBytes || !id) {
    findings_.add("wrong-place", "place " + to_hex(key), "does not parse");
    return ok;
  }
  placed_.push_back({*id, Bytes(key)});
  return placed_.size() < kLookupBatch ? Result<void>() : check_places();
}

Result<void> BlobPass::check_places() {
  std::vector<Bytes> keys;
  keys.reserve(placed_.size());
  for (const Placed& placed : placed_) keys.push_back(meta::blob_key(placed.id));
  TP_TRY(const auto values, view_.multi_get(kv::Space::kBlobs, keys));
  for (size_t i = 0; i < placed_.size(); ++i) check_place(placed_[i], values[i]);
  placed_.clear();
  return ok;
}

void BlobPass::check_place(const Placed& placed, const std::optional<Bytes>& value) {
  const auto blob = value ? decode_blob_record(placed.id, *value) : fail(Code::kNotFound, "none");
  if (!blob) {
    findings_.add("wrong-place", "place " + to_hex(placed.place_key), "names " + blob_text(placed.id) + ", not there");
    return;
  }
  if (meta::blob_place_key(blob->tier, blob->segment, blob->offset) != placed.place_key) {
    findings_.add("wrong-place", "place " + to_hex(placed.place_key), blob_text(placed.id) + " lies elsewhere");
    return;
  }
  const bool same_segment = blob->tier == last_tier_ && blob->segment == last_segment_;
  if (same_segment && blob->offset < last_end_) {
    findings_.add("shared-place", blob_text(placed.id), "lies where the blob before it in its segment does");
  }
  last_tier_ = blob->tier;
  last_segment_ = blob->segment;
  // Elsewhere than on the hot tier, what an offset is in is the tier's own: pieces are shorter than blobs.
  last_end_ = blob->offset + (blob->tier == 0 ? blob::padded_length(blob->length_bytes) : 1);
}

Result<void> BlobPass::check_references() {
  findings_.count_record();
  const BytesView key = records_->key();
  const auto count = decode_references(records_->value());
  if (key.size() != kTaggedIdBytes || !count || *count < 2) {
    findings_.add("wrong-references", "count " + to_hex(key), "does not parse, or counts what needs no record");
    return ok;
  }
  TP_TRY(const auto blob, view_.get(kv::Space::kBlobs, meta::blob_key(id_of(key))));
  if (!blob) findings_.add("wrong-references", blob_text(id_of(key)), "a count of a blob that is not there");
  return ok;
}

}  // namespace tp::plane
