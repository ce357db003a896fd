// check_logs: reads RocksDB's write-ahead logs before they are replayed and tells a torn tail from damage. cut_tail:
// cuts a torn tail off, so that the log is whole again: RocksDB may keep it for a while beside the next log, and a
// later start must not take the two for damage. Format read: RocksDB's log format (blocks of 32 KiB; crc32c, length,
// type, payload).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"

namespace tp::rocks {

/// The last record is incomplete: the crash came before it was acknowledged.
struct TornTail {
  std::string path;
  uint64_t whole_bytes = 0;  // what stands before it
};

/// Nothing if all logs are whole; a folder without logs is. kCorruption, naming file and offset, if a whole record
/// follows a broken one: something acknowledged would be lost. kIo if a log cannot be read.
Result<std::optional<TornTail>> check_logs(const std::string& folder);

/// Durable when it returns. kIo.
Result<void> cut_tail(const TornTail& tail);

}  // namespace tp::rocks
