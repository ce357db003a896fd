#include "plane/core/plane_impl.h"
#include "plane/list/snapshot_read.h"
#include "plane/rights/rights.h"
#include "plane/uploads/upload_steps.h"

namespace tp::plane {

namespace {

Result<PartPage> part_page(meta::ReadView& view, VolumeId volume, BytesView key, UploadId upload, uint16_t after,
                           uint32_t max_entries) {
  PartPage page;
  TP_TRY(page.upload, load_upload(view, volume, key, upload));
  if (after >= kMaxPartNumber || max_entries == 0) return page;
  const size_t limit = std::min<size_t>(max_entries, kMaxPartNumber);
  TP_TRY(auto parts, load_parts(view, upload, static_cast<uint16_t>(after + 1), limit + 1));
  page.truncated = parts.size() > limit;
  if (page.truncated) parts.pop_back();
  const bool asked = page.upload.checksum_algorithm != ChecksumAlgorithm::kNone;
  for (NumberedPart& part : parts) {
    page.parts.push_back({part.number, part.record.size_bytes, to_hex(part.record.md5), part.record.modified,
                          asked ? std::move(part.record.checksum) : Bytes()});
  }
  return page;
}

}  // namespace

Task<PartPage> PlaneImpl::list_parts(Caller caller, ObjectRef object, UploadId upload, uint16_t after_number,
                                     uint32_t max_entries) {
  TP_CO_TRY(const VolumeEntryPtr volume, core_.volumes.find(object.volume));
  TP_CO_TRY_VOID(require_on_object(caller, *volume, Action::kListMultipartUploadParts, object.key, nullptr));
  auto body = [&](meta::ReadView& view) {
    return part_page(view, volume->id, object.key, upload, after_number, max_entries);
  };
  co_return co_await read_snapshot(core_, std::move(body));
}

}  // namespace tp::plane
