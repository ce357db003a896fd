#include "plane/uploads/upload_checksum.h"

#include "base/hash/hasher.h"
#include "base/hash/md5.h"
#include "plane/reason.h"

namespace tp::plane {

ChecksumAlgorithm stored_algorithm(const meta::UploadRecord& upload) {
  return upload.checksum_algorithm == ChecksumAlgorithm::kNone ? ChecksumAlgorithm::kCrc64Nvme
                                                               : upload.checksum_algorithm;
}

Result<meta::ChecksumType> checksum_type_of(ChecksumAlgorithm algorithm, std::optional<meta::ChecksumType> asked) {
  const bool only_full = algorithm == ChecksumAlgorithm::kCrc64Nvme || algorithm == ChecksumAlgorithm::kNone;
  const bool only_composite = !only_full && !can_combine(algorithm);
  const auto type = asked.value_or(only_full ? meta::ChecksumType::kFullObject : meta::ChecksumType::kComposite);
  if ((only_full && type == meta::ChecksumType::kComposite) ||
      (only_composite && type == meta::ChecksumType::kFullObject)) {
    return fail(Code::kInvalidArgument, Reason::kInvalidChecksumType,
                "this checksum algorithm does not have that checksum type in a multipart upload");
  }
  return type;
}

Result<meta::Checksum> combined_checksum(const meta::UploadRecord& upload, std::span<const NumberedPart> parts) {
  meta::Checksum checksum{stored_algorithm(upload), upload.checksum_type, {}};
  Hasher composite(checksum.algorithm);
  for (const NumberedPart& part : parts) {
    if (part.record.checksum.size() != digest_size(checksum.algorithm)) {
      return fail(Code::kCorruption, "a part's checksum has the wrong size");
    }
    if (checksum.type == meta::ChecksumType::kComposite) {
      composite.update(part.record.checksum);
    } else if (&part == &parts.front()) {
      checksum.value = part.record.checksum;
    } else {
      checksum.value =
          combine_digests(checksum.algorithm, checksum.value, part.record.checksum, part.record.size_bytes);
    }
  }
  if (checksum.type == meta::ChecksumType::kComposite) checksum.value = composite.finish();
  return checksum;
}

std::string multipart_etag(BytesView concatenated_md5s) {
  const Md5Digest whole = md5(concatenated_md5s);
  return to_hex(as_view(whole)) + "-" + std::to_string(concatenated_md5s.size() / whole.size());
}

}  // namespace tp::plane
