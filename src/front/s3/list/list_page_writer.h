// ListPageWriter: turns the plane's page into the repeated part of the three object listings. One buffer, reserved
// once; per object it copies text and allocates nothing. Belongs to one answer.
// Spec: S3 API, "ListObjects", "ListObjectsV2", "ListObjectVersions": response syntax.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "front/s3/list/list_params.h"
#include "front/s3/list/list_text.h"
#include "plane/object_types.h"
#include "plane/users.h"
#include "wire/text/xml_writer.h"

namespace tp::s3 {

class ListPageWriter {
 public:
  /// All outlive it.
  ListPageWriter(Bytes& out, ListText& text, const plane::UserDirectory& users)
      : out_(out), text_(text), users_(users) {}

  /// <Contents>…</Contents> for each object.
  void contents(const plane::ListPage& page, bool with_owner);
  /// <Version>…</Version> or <DeleteMarker>…</DeleteMarker> for each.
  void versions(const plane::VersionPage& page);
  /// <CommonPrefixes>…</CommonPrefixes> for each.
  void common_prefixes(const std::vector<std::string>& prefixes);

 private:
  void etag_and_size(const plane::ListedObject& object);
  void owner(const std::string& user_id);
  void storage_class(const plane::ListedObject& object);

  Bytes& out_;
  ListText& text_;
  const plane::UserDirectory& users_;
  std::string owner_id_;      // whose markup owner_markup_ is: neighbours mostly have one owner
  Bytes owner_markup_;
};

/// Bytes that a page of this size is expected to need.
size_t estimate_page_bytes(const plane::ListPage& page);
size_t estimate_page_bytes(const plane::VersionPage& page);

/// MaxKeys, Delimiter, EncodingType, IsTruncated: what every listing of keys says of its page.
void write_page_settings(wire::XmlWriter& xml, ListText& text, const ListParams& params, bool truncated);

}  // namespace tp::s3
