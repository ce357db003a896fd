#include "front/s3/upload/complete_document.h"

#include <charconv>

#include "base/hash/checksum.h"
#include "front/s3/core/s3_error.h"
#include "front/s3/message/xml_response.h"

namespace tp::s3 {

namespace {

constexpr std::string_view kChecksumPrefix = "Checksum";

Result<uint16_t> parse_number(const std::string& text) {
  uint16_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 1 || number > plane::kMaxPartNumber) {
    return s3_fail(S3Code::kInvalidArgument, "PartNumber must be an integer between 1 and 10000, inclusive.");
  }
  return number;
}

Result<Bytes> parse_checksum(ChecksumAlgorithm algorithm, const std::string& text) {
  Bytes raw;
  if (!from_base64(text, &raw) || raw.size() != digest_size(algorithm)) return s3_fail(S3Code::kInvalidPart);
  return raw;
}

Result<plane::CompletePart> parse_part(wire::XmlNode node) {
  plane::CompletePart part;
  for (wire::XmlNode field = node.first_child(); field; field = field.next_sibling()) {
    const std::string_view name = field.name();
    if (name == "PartNumber") {
      TP_TRY(part.number, parse_number(field.text()));
    } else if (name == "ETag") {
      part.etag = unquoted_etag(field.text());
    } else if (name.starts_with(kChecksumPrefix)) {
      const auto algorithm = checksum_from_name(name.substr(kChecksumPrefix.size()));
      if (!algorithm || part.checksum) return s3_fail(S3Code::kMalformedXml);
      TP_TRY(part.checksum, parse_checksum(*algorithm, field.text()));
    }
    // Clients send what ListParts told them: Size and LastModified change nothing.
  }
  if (part.number == 0 || part.etag.empty()) return s3_fail(S3Code::kMalformedXml);
  return part;
}

}  // namespace

std::string_view unquoted_etag(std::string_view etag) {
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') return etag.substr(1, etag.size() - 2);
  return etag;
}

Result<std::vector<plane::CompletePart>> parse_complete_document(BytesView xml) {
  TP_TRY(const wire::XmlDocument document, parse_document(xml, "CompleteMultipartUpload"));
  std::vector<plane::CompletePart> parts;
  for (wire::XmlNode node = document.root().first_child(); node; node = node.next_sibling()) {
    if (node.name() != "Part" || parts.size() == plane::kMaxPartNumber) return s3_fail(S3Code::kMalformedXml);
    TP_TRY(plane::CompletePart part, parse_part(node));
    parts.push_back(std::move(part));
  }
  if (parts.empty()) return s3_fail(S3Code::kMalformedXml);
  return parts;
}

}  // namespace tp::s3
