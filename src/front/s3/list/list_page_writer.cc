#include "front/s3/list/list_page_writer.h"

#include <fmt/format.h>

#include "base/hash/checksum.h"
#include "wire/text/xml_writer.h"

namespace tp::s3 {

namespace {
constexpr size_t kBytesPerEntry = 420;  // markup, times, ETag, owner; without the key
}

size_t estimate_page_bytes(const plane::ListPage& page) {
  size_t bytes = 2048 + kBytesPerEntry * page.objects.size() + 64 * page.common_prefixes.size();
  for (const plane::ListedObject& object : page.objects) bytes += object.key.size();
  for (const std::string& prefix : page.common_prefixes) bytes += prefix.size();
  return bytes;
}

size_t estimate_page_bytes(const plane::VersionPage& page) {
  size_t bytes = 2048 + kBytesPerEntry * page.versions.size() + 64 * page.common_prefixes.size();
  for (const plane::ListedVersion& version : page.versions) bytes += version.object.key.size();
  for (const std::string& prefix : page.common_prefixes) bytes += prefix.size();
  return bytes;
}

void ListPageWriter::contents(const plane::ListPage& page, bool with_owner) {
  for (const plane::ListedObject& object : page.objects) {
    text_.raw("<Contents>");
    text_.name_element("Key", object.key);
    text_.time_element("LastModified", object.modified);
    etag_and_size(object);
    if (with_owner) owner(object.owner);
    storage_class(object);
    text_.raw("</Contents>");
  }
}

void ListPageWriter::versions(const plane::VersionPage& page) {
  for (const plane::ListedVersion& version : page.versions) {
    const plane::ListedObject& object = version.object;
    text_.raw(version.delete_marker ? "<DeleteMarker>" : "<Version>");
    text_.name_element("Key", object.key);
    text_.raw("<VersionId>");
    text_.raw(version.version);
    text_.raw(version.latest ? "</VersionId><IsLatest>true</IsLatest>" : "</VersionId><IsLatest>false</IsLatest>");
    text_.time_element("LastModified", object.modified);
    if (!version.delete_marker) etag_and_size(object);
    owner(object.owner);
    if (!version.delete_marker) storage_class(object);
    text_.raw(version.delete_marker ? "</DeleteMarker>" : "</Version>");
  }
}

void ListPageWriter::common_prefixes(const std::vector<std::string>& prefixes) {
  for (const std::string& prefix : prefixes) {
    text_.raw("<CommonPrefixes>");
    text_.name_element("Prefix", prefix);
    text_.raw("</CommonPrefixes>");
  }
}

void ListPageWriter::etag_and_size(const plane::ListedObject& object) {
  text_.raw("<ETag>&quot;");
  wire::append_xml_escaped(out_, object.etag);
  text_.raw("&quot;</ETag>");
  if (object.checksum_algorithm != ChecksumAlgorithm::kNone) {
    text_.raw("<ChecksumAlgorithm>");
    text_.raw(checksum_name(object.checksum_algorithm));
    text_.raw("</ChecksumAlgorithm>");
    text_.raw(object.checksum_type == meta::ChecksumType::kComposite ? "<ChecksumType>COMPOSITE</ChecksumType>"
                                                                     : "<ChecksumType>FULL_OBJECT</ChecksumType>");
  }
  const fmt::format_int size(object.size_bytes);
  text_.raw("<Size>");
  text_.raw({size.data(), size.size()});
  text_.raw("</Size>");
}

void ListPageWriter::owner(const std::string& user_id) {
  if (owner_markup_.empty() || user_id != owner_id_) {
    const auto user = users_.find_user(user_id);
    owner_id_ = user_id;
    owner_markup_.clear();
    wire::XmlWriter xml(owner_markup_);
    xml.open("Owner");
    xml.element("ID", user_id);
    xml.element("DisplayName", user ? user->name : user_id);
    xml.close();
  }
  text_.raw(owner_markup_);
}

void ListPageWriter::storage_class(const plane::ListedObject& object) {
  text_.raw("<StorageClass>");
  wire::append_xml_escaped(out_, object.storage_class.empty() ? BytesView("STANDARD") : object.storage_class);
  text_.raw("</StorageClass>");
}

void write_page_settings(wire::XmlWriter& xml, ListText& text, const ListParams& params, bool truncated) {
  xml.element("MaxKeys", params.max_entries);
  if (!params.delimiter.empty()) text.name_element("Delimiter", params.delimiter);
  if (params.url_encoded) xml.element("EncodingType", "url");
  xml.element("IsTruncated", truncated);
}

}  // namespace tp::s3
