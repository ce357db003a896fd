#include <algorithm>

#include "base/hash/hasher.h"
#include "base/hash/md5.h"
#include "meta/keys.h"
#include "meta/versions/version_id.h"
#include "plane/core/object_lookup.h"
#include "plane/core/plane_impl.h"
#include "plane/rights/rights.h"
#include "plane/versions/named_version.h"
#include "plane/uploads/part_writer.h"
#include "plane/uploads/upload_checksum.h"
#include "rt/digest/digest_service.h"

namespace tp::plane {

namespace {

/// How often a source may change under a copy before its bytes are copied instead of shared.
constexpr int kShareAttempts = 3;

/// What one copy works on; lives in the operation's frame.
struct PartCopy {
  Core& core;
  VolumeEntryPtr source_volume;
  std::string source_key, source_version;
  PartWriter::Target target;
  ChecksumAlgorithm algorithm;
  Plane::SourceRange range;
  meta::PartRecord part;  // without extents, while they are being found
};

Result<Plane::SourceRange> checked_range(const std::optional<Plane::SourceRange>& asked, uint64_t size_bytes) {
  const Plane::SourceRange range = asked.value_or(Plane::SourceRange{0, size_bytes});
  if (asked && (range.size_bytes == 0 || range.offset >= size_bytes || range.size_bytes > size_bytes - range.offset)) {
    return fail(Code::kOutOfRange, "the range is not within the source object");
  }
  if (range.size_bytes > kMaxPutBytes) {
    return fail(Code::kTooLarge, Reason::kEntityTooLarge, "a part has at most 5 GiB");
  }
  return range;
}

/// Fills in md5 and checksum: out of the object's record if the part is the whole object and its record has them, else
/// by reading, since clients compare a part's ETag with the MD5 of its bytes.
Task<void> digest_source(PartCopy* copy, ObjectReader* reader) {
  const meta::InodeRecord& record = reader->info().record;
  Md5Digest known{};
  if (copy->range.size_bytes == record.size_bytes && record.append_count == 0 && from_hex(record.etag, known) &&
      record.checksum.algorithm == copy->algorithm && record.checksum.type == meta::ChecksumType::kFullObject) {
    copy->part.md5 = as_view(known);
    copy->part.checksum = record.checksum.value;
    co_return ok;
  }
  Md5 md5;
  Hasher hasher(copy->algorithm);
  reader->set_range(copy->range.offset, copy->range.size_bytes);
  while (true) {
    TP_CO_TRY(const io::SendRegion region, co_await reader->next());
    if (region.bytes.empty()) break;
    hasher.update(region.bytes);
    if (copy->core.digests != nullptr) {
      TP_CO_TRY_VOID(co_await copy->core.digests->update(md5, region.bytes));
    } else {
      md5.update(region.bytes);
    }
  }
  const Md5Digest digest = md5.finish();
  copy->part.md5 = as_view(digest);
  copy->part.checksum = hasher.finish();
  co_return ok;
}

/// The extents of the range as a part's own, each with a new reference to its blob.
Result<void> share_extents(meta::RecordSource& from_records, Namespace& space, const PartCopy& copy, InodeId source,
                           std::vector<meta::Extent>* out) {
  const uint64_t begin = copy.range.offset, end = begin + copy.range.size_bytes;
  // The one that holds `begin` may start before it.
  const Bytes at = meta::extent_key(source, begin);
  TP_TRY(const auto holder, from_records.last_at_or_before(kv::Space::kExtents, meta::extents_begin(source), at));
  const bool found = holder && holder->key.size() == at.size();
  const uint64_t first = found ? get_be<uint64_t>(holder->key.data() + at.size() - sizeof(uint64_t)) : begin;
  TP_TRY(const auto extents, load_extents(from_records, source, first, end, SIZE_MAX));
  for (const meta::Extent& extent : extents) {
    if (extent.offset + extent.length_bytes <= begin) continue;
    const uint64_t from = std::max(extent.offset, begin);
    const uint64_t to = std::min(extent.offset + extent.length_bytes, end);
    const uint64_t in_blob = extent.blob ? extent.blob_offset + (from - extent.offset) : 0;
    out->push_back({from - begin, to - from, extent.blob, in_blob});
    TP_TRY_VOID(space.add_reference(extent.blob));
  }
  return ok;
}

/// kConflict if the source's name leads elsewhere by now.
Result<PutResult> share(meta::Txn& txn, const PartCopy& copy, const ObjectInfo& source) {
  TP_TRY(Namespace source_space, Namespace::open(copy.core, txn, *copy.source_volume));
  TP_TRY(const auto version, find_named(source_space, copy.source_key, copy.source_version));
  const Namespace::Object* found = version ? &version->object : nullptr;
  // File clients write in place: the same inode may have other bytes.
  if (found == nullptr || found->inode != source.inode || found->record.etag != source.record.etag) {
    return fail(Code::kConflict, "the source changed while it was copied");
  }
  const PartWriter::Target& target = copy.target;
  TP_TRY(Namespace space, Namespace::open(copy.core, txn, *target.volume));
  TP_TRY(const auto upload, load_upload(txn, target.volume->id, target.key, target.upload));
  meta::PartRecord part = copy.part;
  part.modified = txn.wall_now();
  meta::TxnView source_records(txn, copy.source_volume->layer);
  TP_TRY_VOID(share_extents(source_records, space, copy, source.inode, &part.extents));
  TP_TRY_VOID(put_part(space, target.upload, target.number, part));
  TP_TRY_VOID(space.finish());
  PutResult result = part_result(part, upload);
  result.source_version = source_space.shown_version(found->record);
  return result;
}

Task<PutResult> copy_bytes(PartCopy* copy, ObjectReader* reader) {
  Body::Options options;
  options.size_bytes = copy->range.size_bytes;
  options.small_limit_bytes = 0;
  options.checksum_algorithm = copy->algorithm;
  Body body(copy->core, std::move(options));
  reader->set_range(copy->range.offset, copy->range.size_bytes);
  while (true) {
    TP_CO_TRY(const io::SendRegion region, co_await reader->next());
    if (region.bytes.empty()) break;
    BytesView rest = region.bytes;
    while (!rest.empty()) {
      TP_CO_TRY(const MutableBytes space, co_await body.space());
      const size_t size = std::min(space.size(), rest.size());
      std::memcpy(space.data(), rest.data(), size);
      TP_CO_TRY_VOID(co_await body.filled(size));
      rest.remove_prefix(size);
    }
  }
  ExpectedDigests expected;
  TP_CO_TRY_VOID(co_await body.finish(std::move(expected)));
  meta::Checksum checksum{copy->algorithm, meta::ChecksumType::kFullObject, body.stored().checksum};
  co_return co_await commit_part(copy->core, copy->target, body, std::move(checksum));
}

}  // namespace

Task<PutResult> PlaneImpl::copy_part(Caller caller, ObjectRef source, std::optional<SourceRange> range,
                                     ReadConditions source_conditions, ObjectRef target, UploadId upload,
                                     uint16_t part_number) {
  TP_CO_TRY_VOID(check_part_number(part_number));
  TP_CO_TRY(const VolumeEntryPtr volume, core_.volumes.find(target.volume));
  TP_CO_TRY_VOID(require_on_object(caller, *volume, Action::kPutObject, target.key, nullptr));
  TP_CO_TRY(const VolumeEntryPtr source_volume, core_.volumes.find(source.volume));
  auto find = [&](meta::ReadView& view) { return load_upload(view, volume->id, target.key, upload); };
  TP_CO_TRY(const auto record, co_await core_.meta.read(std::move(find)));
  PartCopy copy{core_,
                source_volume,
                source.key,
                source.version,
                {volume, target.key, upload, part_number},
                stored_algorithm(record),
                {},
                {}};
  for (int attempt = 0;; ++attempt) {
    TP_CO_TRY(const auto reader, co_await open_source(caller, source, Action::kGetObject));
    const meta::InodeRecord& found = reader->info().record;
    if (evaluate(source_conditions, found) != ReadVerdict::kProceed) {
      co_return fail(Code::kPreconditionFailed, Reason::kSourceConditionFailed, "the source is not as asked for");
    }
    TP_CO_TRY(copy.range, checked_range(range, found.size_bytes));
    if (found.place != meta::DataPlace::kExtents || attempt == kShareAttempts) {
      TP_CO_TRY(PutResult copied, co_await copy_bytes(&copy, reader.get()));
      const bool versioned = source_volume->versioning != meta::Versioning::kOff;
      if (versioned) copied.source_version = meta::version_text(found.version);
      co_return copied;
    }
    copy.part.size_bytes = copy.range.size_bytes;
    TP_CO_TRY_VOID(co_await digest_source(&copy, reader.get()));
    auto body = [&](meta::Txn& txn) { return share(txn, copy, reader->info()); };
    auto result = co_await core_.change(std::move(body));
    if (result || result.error().code != Code::kConflict) co_return std::move(result);
  }
}

}  // namespace tp::plane
