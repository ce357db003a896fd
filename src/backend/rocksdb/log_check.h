// check_logs: reads RocksDB's write-ahead logs before they are replayed and tells a torn tail from damage.
// Format read: RocksDB's log format (blocks of 32 KiB; crc32c, length, type, payload).
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace tp::rocks {

enum class LogState : uint8_t {
  kWhole,
  kTornTail,  // the last record is incomplete: the crash came before it was acknowledged
};

/// kCorruption, naming file and offset, if a whole record follows a broken one: something acknowledged would be lost.
/// kIo if a log cannot be read. A folder without logs is whole.
Result<LogState> check_logs(const std::string& folder);

}  // namespace tp::rocks
