#include "front/s3/message/tagging.h"

#include <algorithm>

#include "front/s3/core/s3_error.h"
#include "front/s3/message/xml_response.h"
#include "wire/text/uri.h"
#include "wire/text/utf8.h"

namespace tp::s3 {

namespace {

bool is_tag_character(char c) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return letter || static_cast<uint8_t>(c) >= 0x80 || std::string_view(" _.:/=+-@").find(c) != std::string_view::npos;
}

// In UTF-8 every character has one byte that is not a continuation byte.
size_t characters(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<uint8_t>(c) & 0xc0) != 0x80; }));
}

bool is_tag_text(std::string_view text) {
  return wire::is_valid_utf8(text) && std::all_of(text.begin(), text.end(), is_tag_character);
}

Result<void> check_tags(const meta::TagSet& tags) {
  for (size_t i = 0; i < tags.size(); ++i) {
    const auto& [key, value] = tags[i];
    if (key.empty() || characters(key) > kMaxTagKeyCharacters || !is_tag_text(key)) {
      return s3_fail(S3Code::kInvalidTag, "The TagKey you have provided is invalid");
    }
    if (characters(value) > kMaxTagValueCharacters || !is_tag_text(value)) {
      return s3_fail(S3Code::kInvalidTag, "The TagValue you have provided is invalid");
    }
    if (key.starts_with("aws:")) {
      return s3_fail(S3Code::kInvalidTag, "System tags cannot be added/updated by requester");
    }
    for (size_t earlier = 0; earlier < i; ++earlier) {
      if (tags[earlier].first == key) {
        return s3_fail(S3Code::kInvalidTag, "Cannot provide multiple Tags with the same key");
      }
    }
  }
  return ok;
}

}  // namespace

Result<meta::TagSet> parse_tagging_header(std::string_view field) {
  auto params = wire::parse_query(field);
  if (!params) {
    return s3_fail(S3Code::kInvalidArgument,
                   "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without "
                   "tag name duplicates.");
  }
  if (params->size() > kMaxObjectTags) {
    return s3_fail(S3Code::kBadRequest, "Object tags cannot be greater than 10");
  }
  meta::TagSet tags;
  for (wire::QueryParam& param : *params) tags.emplace_back(std::move(param.name), std::move(param.value));
  TP_TRY_VOID(check_tags(tags));
  return tags;
}

Result<meta::TagSet> parse_tagging_document(BytesView xml, size_t max_tags) {
  TP_TRY(const wire::XmlDocument document, parse_document(xml, "Tagging"));
  const wire::XmlNode set = document.root().child("TagSet");
  if (!set) return s3_fail(S3Code::kMalformedXml);
  meta::TagSet tags;
  for (wire::XmlNode tag = set.first_child(); tag; tag = tag.next_sibling()) {
    if (tag.name() != "Tag" || !tag.child("Key") || !tag.child("Value")) return s3_fail(S3Code::kMalformedXml);
    if (tags.size() == max_tags) {
      return s3_fail(S3Code::kBadRequest, max_tags == kMaxObjectTags
                                              ? "Object tags cannot be greater than 10"
                                              : "Tag count cannot be greater than " + std::to_string(max_tags));
    }
    tags.emplace_back(tag.child_text("Key"), tag.child_text("Value"));
  }
  TP_TRY_VOID(check_tags(tags));
  return tags;
}

Bytes tagging_document(const meta::TagSet& tags) {
  Bytes out;
  wire::XmlWriter xml(out);
  xml.declaration();
  xml.open("Tagging", kNamespace);
  xml.open("TagSet");
  for (const auto& [key, value] : tags) {
    xml.open("Tag");
    xml.element("Key", key);
    xml.element("Value", value);
    xml.close();
  }
  xml.close();
  xml.close();
  return out;
}

}  // namespace tp::s3
