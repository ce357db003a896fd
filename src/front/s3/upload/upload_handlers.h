// Multipart uploads and the browser's form upload, one operation a file.
#pragma once

#include <span>

#include "front/s3/core/operation.h"

namespace tp::s3 {

std::span<const HandlerRow> upload_handlers();

}  // namespace tp::s3
