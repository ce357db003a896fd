// What the answers' XML documents have in common. Spec: S3 API reference, the response syntax of each action.
#pragma once

#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "meta/inode_record.h"
#include "wire/text/xml_reader.h"
#include "wire/text/xml_writer.h"

namespace tp::s3 {

inline constexpr std::string_view kNamespace = "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";
/// No S3 document is larger: DeleteObjects with 1,000 keys of 1 KiB, escaped.
inline constexpr size_t kMaxDocumentBytes = 8 << 20;

/// A request document whose root element is `root`; MalformedXML otherwise. An empty `root` takes any.
Result<wire::XmlDocument> parse_document(BytesView xml, std::string_view root);

/// "ChecksumCRC32C": the element that a checksum stands in; empty for kNone.
std::string_view checksum_element(ChecksumAlgorithm algorithm) noexcept;
/// <ChecksumCRC32C>...</ChecksumCRC32C> and <ChecksumType>; nothing for kNone. `parts` counts a composite's parts.
void append_checksum_elements(wire::XmlWriter& xml, const meta::Checksum& checksum, size_t parts);
/// "COMPOSITE", "FULL_OBJECT"
std::string_view checksum_type_name(meta::ChecksumType type) noexcept;
std::optional<meta::ChecksumType> checksum_type_from_name(std::string_view name) noexcept;

}  // namespace tp::s3
