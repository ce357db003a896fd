#include "plane/uploads/part_writer.h"

#include "plane/core/plane_impl.h"
#include "plane/rights/rights.h"
#include "plane/uploads/upload_checksum.h"

namespace tp::plane {

namespace {

ChecksumAlgorithm sent_algorithm(const meta::UploadRecord& record, const WriteOptions& options) {
  return options.checksum_algorithm == ChecksumAlgorithm::kNone ? stored_algorithm(record)
                                                                : options.checksum_algorithm;
}

Body::Options body_options(const meta::UploadRecord& record, const WriteOptions& options) {
  Body::Options body;
  body.size_bytes = options.size_bytes;
  body.small_limit_bytes = 0;
  body.checksum_algorithm = sent_algorithm(record, options);
  body.compute_sha256 = options.compute_sha256;
  return body;
}

}  // namespace

PartWriter::PartWriter(Core& core, Target target, const meta::UploadRecord& record, const WriteOptions& options)
    : core_(core),
      target_(std::move(target)),
      stored_algorithm_(stored_algorithm(record)),
      stored_hasher_(sent_algorithm(record, options) == stored_algorithm_ ? ChecksumAlgorithm::kNone
                                                                          : stored_algorithm_),
      body_(core, body_options(record, options)) {}

Task<MutableBytes> PartWriter::space() {
  TP_CO_TRY(space_, co_await body_.space());
  co_return space_;
}

Task<void> PartWriter::filled(size_t size) {
  if (stored_hasher_.algorithm() != ChecksumAlgorithm::kNone) stored_hasher_.update(BytesView(space_.data(), size));
  TP_CO_TRY_VOID(co_await body_.filled(size));
  written_bytes_ += size;
  co_return ok;
}

Task<PutResult> PartWriter::commit(ExpectedDigests expected) {
  TP_CO_TRY_VOID(co_await body_.finish(std::move(expected)));
  meta::Checksum checksum;
  checksum.algorithm = stored_algorithm_;
  checksum.value = stored_hasher_.algorithm() == ChecksumAlgorithm::kNone ? body_.stored().checksum
                                                                          : stored_hasher_.finish();
  co_return co_await commit_part(core_, std::move(target_), body_, std::move(checksum));
}

Task<PutResult> commit_part(Core& core, PartWriter::Target target, Body& body, meta::Checksum checksum) {
  const Body::Stored& stored = body.stored();
  auto change = [&](meta::Txn& txn) -> Result<PutResult> {
    TP_TRY(Namespace space, Namespace::open(core, txn, *target.volume));
    TP_TRY(const auto upload, load_upload(txn, target.volume->id, target.key, target.upload));
    meta::PartRecord part;
    part.size_bytes = stored.size_bytes;
    part.md5 = as_view(stored.md5);
    part.checksum = checksum.value;
    part.modified = txn.wall_now();
    part.extents = extents_of(stored.blobs, 0);
    for (const blob::BlobRecord& blob : stored.blobs) space.put_blob(blob);
    TP_TRY_VOID(put_part(space, target.upload, target.number, part));
    TP_TRY_VOID(space.finish());
    return part_result(part, upload);
  };
  auto result = co_await core.change(std::move(change));
  if (result || result.error().applied != Applied::kNo) body.keep();
  co_return std::move(result);
}

PutResult part_result(const meta::PartRecord& part, const meta::UploadRecord& upload) {
  PutResult result;
  result.etag = to_hex(part.md5);
  result.size_bytes = part.size_bytes;
  result.modified = part.modified;
  if (upload.checksum_algorithm != ChecksumAlgorithm::kNone) {
    result.checksum = {upload.checksum_algorithm, meta::ChecksumType::kFullObject, part.checksum};
  }
  return result;
}

Task<std::unique_ptr<ObjectWriter>> PlaneImpl::open_part_writer(Caller caller, ObjectRef object, UploadId upload,
                                                                uint16_t part_number, WriteOptions options) {
  TP_CO_TRY_VOID(check_part_number(part_number));
  TP_CO_TRY(const VolumeEntryPtr volume, core_.volumes.find(object.volume));
  TP_CO_TRY_VOID(require_on_object(caller, *volume, Action::kPutObject, object.key, nullptr));
  if (options.size_bytes && *options.size_bytes > kMaxPutBytes) {
    co_return fail(Code::kTooLarge, Reason::kEntityTooLarge, "a part has at most 5 GiB");
  }
  auto find = [&](meta::ReadView& view) { return load_upload(view, volume->id, object.key, upload); };
  TP_CO_TRY(const auto record, co_await core_.meta.read(std::move(find)));
  // Two checksums that both belong to the object would be one too many: the client must keep to what it announced.
  if (record.checksum_algorithm != ChecksumAlgorithm::kNone &&
      sent_algorithm(record, options) != record.checksum_algorithm) {
    co_return fail(Code::kInvalidArgument, Reason::kInvalidChecksumType,
                   "the part's checksum algorithm is not the upload's");
  }
  PartWriter::Target target{volume, std::move(object.key), upload, part_number};
  co_return std::make_unique<PartWriter>(core_, std::move(target), record, options);
}

}  // namespace tp::plane
