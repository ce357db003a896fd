// Files with secrets: refused unless only their owner may read them. Errors name the file and never what is in it.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace tp::server {

/// kNotFound, kPermissionDenied (also if group or others may read it), kTooLarge (over 64 KiB).
Result<Bytes> read_secret_file(const std::string& path);
/// Its lines without white space around them, without empty ones and those that begin with '#'.
std::vector<std::string> secret_lines(const Bytes& text);

}  // namespace tp::server
