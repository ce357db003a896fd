// check_file_name: what every FileSystem demands of a name. Names come from our own code, but one that left the root
// would be fatal, so they are checked at the seam.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tp::io {

/// Relative, of parts that are neither empty nor "." nor ".."; "" is the root, where that is allowed. kInvalidArgument.
inline Result<void> check_file_name(const std::string& name, bool may_be_root) {
  bool good = name.empty() ? may_be_root : name.find('\0') == std::string::npos;
  for (size_t start = 0; good && !name.empty() && start <= name.size();) {
    const size_t end = std::min(name.find('/', start), name.size());
    const std::string_view part(name.data() + start, end - start);
    good = !part.empty() && part != "." && part != "..";
    start = end + 1;
  }
  if (!good) return fail(Code::kInvalidArgument, "not a file name: " + name);
  return ok;
}

}  // namespace tp::io
