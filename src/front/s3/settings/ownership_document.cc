#include "front/s3/settings/ownership_document.h"

#include <algorithm>
#include <array>
#include <utility>

#include "front/s3/core/s3_error.h"
#include "front/s3/message/xml_response.h"

namespace tp::s3 {

namespace {
using NamedOwnership = std::pair<meta::Ownership, std::string_view>;
constexpr std::array<NamedOwnership, 3> kNames = {{
    {meta::Ownership::kObjectWriter, "ObjectWriter"},
    {meta::Ownership::kBucketOwnerPreferred, "BucketOwnerPreferred"},
    {meta::Ownership::kBucketOwnerEnforced, "BucketOwnerEnforced"},
}};
}  // namespace

std::optional<meta::Ownership> ownership_from_name(std::string_view name) {
  for (const auto& [ownership, known] : kNames) {
    if (known == name) return ownership;
  }
  return std::nullopt;
}

std::string_view ownership_name(meta::Ownership ownership) {
  for (const auto& [known, name] : kNames) {
    if (known == ownership) return name;
  }
  return {};
}

Result<meta::Ownership> parse_ownership_document(BytesView xml) {
  TP_TRY(const wire::XmlDocument document, parse_document(xml, "OwnershipControls"));
  const wire::XmlNode rule = document.root().first_child();
  if (rule.name() != "Rule" || rule.next_sibling()) return s3_fail(S3Code::kMalformedXml);
  const wire::XmlNode name = rule.first_child();
  if (name.name() != "ObjectOwnership" || name.next_sibling()) return s3_fail(S3Code::kMalformedXml);
  const auto ownership = ownership_from_name(name.text());
  if (!ownership) return s3_fail(S3Code::kMalformedXml);
  return *ownership;
}

Bytes ownership_document(meta::Ownership ownership) {
  Bytes out;
  wire::XmlWriter xml(out);
  xml.declaration();
  xml.open("OwnershipControls", kNamespace);
  xml.open("Rule");
  xml.element("ObjectOwnership", ownership_name(ownership));
  xml.close();
  xml.close();
  return out;
}

bool grants_to_others(const meta::AccessList& access, std::string_view owner) {
  return std::ranges::any_of(access, [owner](const meta::Grant& grant) {
    return grant.grantee != meta::GranteeKind::kUser || grant.user_id != owner;
  });
}

}  // namespace tp::s3
