#include "front/s3/bucket/create_bucket_document.h"

#include <algorithm>

#include "front/s3/core/s3_error.h"
#include "front/s3/message/tagging.h"
#include "front/s3/message/xml_response.h"

namespace tp::s3 {

namespace {

constexpr size_t kMaxLocationBytes = 64;

// A region's name, whatever regions there are: what a client asks for is kept and told again.
Result<void> check_location(std::string_view location) {
  const bool is_name = std::ranges::all_of(location, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
  if (is_name && location.size() <= kMaxLocationBytes) return ok;
  return s3_fail(S3Code::kInvalidLocationConstraint);
}

Result<meta::TagSet> parse_tags(wire::XmlNode node) {
  meta::TagSet tags;
  for (wire::XmlNode tag = node.first_child(); tag; tag = tag.next_sibling()) {
    if (tag.name() != "Tag" || tags.size() > kMaxBucketTags) return s3_fail(S3Code::kMalformedXml);
    tags.emplace_back(tag.child_text("Key"), tag.child_text("Value"));
  }
  // The rules for tags are those of the Tagging document, so it is what decides.
  return tags.empty() ? Result<meta::TagSet>(tags) : parse_tagging_document(tagging_document(tags), kMaxBucketTags);
}

}  // namespace

Result<CreateBucketConfiguration> parse_create_bucket_document(BytesView xml) {
  CreateBucketConfiguration configuration;
  if (xml.empty()) return configuration;
  TP_TRY(const wire::XmlDocument document, parse_document(xml, "CreateBucketConfiguration"));
  for (wire::XmlNode node = document.root().first_child(); node; node = node.next_sibling()) {
    if (node.name() == "LocationConstraint") {
      configuration.location = node.text();
      TP_TRY_VOID(check_location(configuration.location));
    } else if (node.name() == "Tags") {
      TP_TRY(configuration.tags, parse_tags(node));
    } else if (node.name() == "Location" || node.name() == "Bucket") {
      return s3_fail(S3Code::kNotImplemented, "Directory buckets are not implemented; every bucket here renames and "
                                              "appends as they do.");
    } else {
      return s3_fail(S3Code::kMalformedXml);
    }
  }
  return configuration;
}

}  // namespace tp::s3
