// Reads of bucket settings that no bucket here can have: the truthful answer is S3's own for a bucket that was never
// given one (an empty document, or the documented "no such configuration" error). Setting one answers NotImplemented.
#pragma once

#include <span>

#include "front/s3/core/operation.h"

namespace tp::s3 {

std::span<const HandlerRow> unconfigured_handlers();

}  // namespace tp::s3
