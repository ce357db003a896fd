// The documents of Object Lock, to and from what the plane has. Spec: S3 API, "ObjectLockConfiguration",
// "ObjectLockRetention", "ObjectLockLegalHold".
#pragma once

#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "meta/volume_record.h"
#include "rt/env/clock.h"

namespace tp::s3 {

struct RetentionDocument {
  meta::RetentionMode mode = meta::RetentionMode::kNone;  // kNone: an empty document takes retention away
  rt::Nanos until = 0;
};

/// "GOVERNANCE", "COMPLIANCE"; "" for kNone.
std::string_view retention_mode_name(meta::RetentionMode mode) noexcept;
std::optional<meta::RetentionMode> retention_mode_from_name(std::string_view name) noexcept;

/// MalformedXML; InvalidArgument for a period that is none.
Result<meta::LockRules> parse_lock_configuration(BytesView xml);
Bytes lock_configuration_document(const meta::LockRules& rules);
/// MalformedXML.
Result<RetentionDocument> parse_retention(BytesView xml);
Bytes retention_document(const RetentionDocument& retention);
/// MalformedXML.
Result<bool> parse_legal_hold(BytesView xml);
Bytes legal_hold_document(bool on);

}  // namespace tp::s3
