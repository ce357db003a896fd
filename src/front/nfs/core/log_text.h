// What clients say, as it may stand in a line of the log.
#pragma once

#include <string>

#include "base/bytes.h"

namespace tp::nfs {

/// `text` with everything but printable ASCII as \xNN, and \ doubled: no client writes a line of its own. Of more than
/// 1000 bytes the first, and "...".
std::string log_text(BytesView text);

}  // namespace tp::nfs
