// S3 Object Ownership: its names and its document. Spec: S3 API, "PutBucketOwnershipControls".
#pragma once

#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "meta/volume_record.h"

namespace tp::s3 {

std::optional<meta::Ownership> ownership_from_name(std::string_view name);
std::string_view ownership_name(meta::Ownership ownership);

/// MalformedXML: exactly one rule with a known name.
Result<meta::Ownership> parse_ownership_document(BytesView xml);
Bytes ownership_document(meta::Ownership ownership);

/// Whether an access list gives anything to anyone but `owner`: what BucketOwnerEnforced rules out.
bool grants_to_others(const meta::AccessList& access, std::string_view owner);

}  // namespace tp::s3
