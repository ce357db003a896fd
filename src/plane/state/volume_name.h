// The rules for bucket names. Spec: S3 user guide, "General purpose bucket naming rules".
#pragma once

#include <string_view>

#include "base/result.h"

namespace tp::plane {

/// kInvalidArgument with Reason::kInvalidVolumeName and the rule that is broken.
Result<void> check_volume_name(std::string_view name);

}  // namespace tp::plane
