// Earlier versions are read by whoever still has them open over a file protocol, and changed by nobody.
#pragma once

#include "meta/inode_record.h"
#include "plane/reason.h"

namespace tp::plane {

/// kPermissionDenied with Reason::kReadOnlyVolume.
inline Result<void> require_current(const meta::InodeRecord& record) {
  if (record.superseded == 0) return ok;
  return fail(Code::kPermissionDenied, Reason::kReadOnlyVolume, "an earlier version of a file cannot be changed");
}

}  // namespace tp::plane
