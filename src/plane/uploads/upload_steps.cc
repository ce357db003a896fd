#include "plane/uploads/upload_steps.h"

#include "meta/keys.h"
#include "plane/reason.h"

namespace tp::plane {

Result<meta::UploadRecord> load_upload(meta::RecordSource& source, VolumeId volume, BytesView key, UploadId upload) {
  TP_TRY(const auto value, source.get(kv::Space::kUploads, meta::upload_key(volume, key, upload)));
  if (!value) return fail(Code::kNotFound, Reason::kNoSuchUpload, "there is no such upload of this key");
  return meta::decode_upload(*value);
}

Result<void> check_part_number(uint16_t number) {
  if (number >= 1 && number <= kMaxPartNumber) return ok;
  return fail(Code::kInvalidArgument, "a part number is between 1 and 10000");
}

Result<std::vector<NumberedPart>> load_parts(meta::RecordSource& source, UploadId upload, uint16_t first,
                                             size_t limit) {
  std::vector<NumberedPart> parts;
  if (limit == 0) return parts;
  Result<void> outcome = ok;
  const auto visit = [&](BytesView key, BytesView value) {
    auto record = meta::decode_part(value);
    if (!record) {
      outcome = std::unexpected(std::move(record).error());
      return false;
    }
    parts.push_back({get_be<uint16_t>(key.data() + key.size() - sizeof(uint16_t)), std::move(*record)});
    return parts.size() < limit;
  };
  TP_TRY_VOID(source.scan(kv::Space::kUploads, meta::part_key(upload, first), meta::parts_end(upload), visit));
  TP_TRY_VOID(outcome);
  return parts;
}

Result<void> put_part(Namespace& space, UploadId upload, uint16_t number, const meta::PartRecord& part) {
  const Bytes key = meta::part_key(upload, number);
  TP_TRY(const auto old, space.txn().get(kv::Space::kUploads, key));
  if (old) {
    TP_TRY(const meta::PartRecord old_part, meta::decode_part(*old));
    TP_TRY_VOID(drop_part(space, upload, number, old_part));
  }
  space.txn().put(kv::Space::kUploads, key, meta::encode_part(part));
  space.counters().upload_bytes += part.size_bytes;
  return ok;
}

Result<void> drop_part(Namespace& space, UploadId upload, uint16_t number, const meta::PartRecord& part) {
  for (const meta::Extent& extent : part.extents) TP_TRY_VOID(space.drop_reference(extent.blob));
  space.txn().erase(kv::Space::kUploads, meta::part_key(upload, number));
  space.counters().upload_bytes -= part.size_bytes;
  return ok;
}

Result<void> drop_upload(Namespace& space, BytesView key, UploadId upload) {
  TP_TRY(const auto parts, load_parts(space.txn(), upload, 0, SIZE_MAX));
  for (const NumberedPart& part : parts) TP_TRY_VOID(drop_part(space, upload, part.number, part.record));
  space.txn().erase(kv::Space::kUploads, meta::upload_key(space.volume().id, key, upload));
  --space.counters().uploads;
  return ok;
}

}  // namespace tp::plane
