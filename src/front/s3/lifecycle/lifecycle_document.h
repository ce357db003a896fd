// The LifecycleConfiguration document, to and from rules. Spec: S3 API, "PutBucketLifecycleConfiguration",
// "LifecycleRule"; <DaysSinceLastAccess> of a Transition is this server's own.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "lifecycle/rules.h"

namespace tp::s3 {

/// 1000 rules with ten tags each.
inline constexpr size_t kMaxLifecycleDocumentBytes = 4 << 20;

/// MalformedXML for what the schema does not have. What rules may not say together is lifecycle::validate()'s.
Result<lifecycle::LifecycleRules> parse_lifecycle_document(BytesView xml);
Bytes lifecycle_document(const lifecycle::LifecycleRules& rules);

}  // namespace tp::s3
