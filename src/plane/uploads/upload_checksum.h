// What the checksums of an upload are: which types an algorithm has, and how parts' checksums make the object's.
// Spec: S3 user guide, "Checking object integrity", full-object and composite checksum types.
#pragma once

#include <optional>
#include <span>

#include "plane/object_types.h"
#include "plane/uploads/upload_steps.h"

namespace tp::plane {

/// What is kept of parts whose upload asked for no checksum: full-object CRC64NVME, as of any object.
ChecksumAlgorithm stored_algorithm(const meta::UploadRecord& upload);

/// The type an upload has: the one asked for, or the algorithm's default. kInvalidArgument with kInvalidChecksumType
/// where the algorithm has no such type: only CRCs combine into a full-object checksum, and CRC64NVME is nothing
/// else.
Result<meta::ChecksumType> checksum_type_of(ChecksumAlgorithm algorithm, std::optional<meta::ChecksumType> asked);

/// Of the object that `parts` make, in order.
Result<meta::Checksum> combined_checksum(const meta::UploadRecord& upload, std::span<const NumberedPart> parts);

/// "hex of the MD5 of the parts' MD5s" + "-" + their number.
std::string multipart_etag(BytesView concatenated_md5s);

}  // namespace tp::plane
