#include "front/s3/message/xml_response.h"

#include <array>

#include "front/s3/core/s3_error.h"
#include "front/s3/message/object_headers.h"

namespace tp::s3 {

namespace {

constexpr std::array<std::string_view, kChecksumAlgorithmCount> kChecksumElements = {
    "",            "ChecksumCRC32",  "ChecksumCRC32C",   "ChecksumCRC64NVME", "ChecksumSHA1",     "ChecksumSHA256",
    "ChecksumMD5", "ChecksumSHA512", "ChecksumXXHASH64", "ChecksumXXHASH3",   "ChecksumXXHASH128"};

}  // namespace

Result<wire::XmlDocument> parse_document(BytesView xml, std::string_view root) {
  auto document = wire::XmlDocument::parse(xml);
  if (!document) return s3_fail(S3Code::kMalformedXml);
  if (!root.empty() && document->root().name() != root) return s3_fail(S3Code::kMalformedXml);
  return document;
}

std::string_view checksum_element(ChecksumAlgorithm algorithm) noexcept {
  return kChecksumElements[static_cast<size_t>(algorithm)];
}

void append_checksum_elements(wire::XmlWriter& xml, const meta::Checksum& checksum, size_t parts) {
  if (checksum.algorithm == ChecksumAlgorithm::kNone || checksum.value.empty()) return;
  xml.element(checksum_element(checksum.algorithm), checksum_text(checksum, parts));
  xml.element("ChecksumType", checksum_type_name(checksum.type));
}

std::string_view checksum_type_name(meta::ChecksumType type) noexcept {
  return type == meta::ChecksumType::kComposite ? "COMPOSITE" : "FULL_OBJECT";
}

std::optional<meta::ChecksumType> checksum_type_from_name(std::string_view name) noexcept {
  if (name == "COMPOSITE") return meta::ChecksumType::kComposite;
  if (name == "FULL_OBJECT") return meta::ChecksumType::kFullObject;
  return std::nullopt;
}

}  // namespace tp::s3
