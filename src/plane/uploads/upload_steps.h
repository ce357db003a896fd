// The steps that the multipart operations share: finding an upload, putting and dropping its parts. Invariant: a
// part's extents hold one reference each to their blobs, and VolumeCounters::upload_bytes is the size of all parts of
// all uploads.
#pragma once

#include "meta/upload_record.h"
#include "plane/core/namespace.h"
#include "plane/object_types.h"

namespace tp::plane {

/// kNotFound with Reason::kNoSuchUpload, also where the upload is another key's.
Result<meta::UploadRecord> load_upload(meta::RecordSource& source, VolumeId volume, BytesView key, UploadId upload);
/// kInvalidArgument unless 1..kMaxPartNumber.
Result<void> check_part_number(uint16_t number);

/// A stored part with its number.
struct NumberedPart {
  uint16_t number = 0;
  meta::PartRecord record;
};
/// All parts with numbers in [first, kMaxPartNumber], in order, at most `limit`.
Result<std::vector<NumberedPart>> load_parts(meta::RecordSource& source, UploadId upload, uint16_t first, size_t limit);

/// The part under its number; one that was there before is dropped. The blobs' references have been counted.
Result<void> put_part(Namespace& space, UploadId upload, uint16_t number, const meta::PartRecord& part);
/// Drops the part's record and its references.
Result<void> drop_part(Namespace& space, UploadId upload, uint16_t number, const meta::PartRecord& part);
/// Drops the upload with all that is left of its parts.
Result<void> drop_upload(Namespace& space, BytesView key, UploadId upload);

}  // namespace tp::plane
