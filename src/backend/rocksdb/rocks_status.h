// RocksDB's Status as our Error.
#pragma once

#include <rocksdb/status.h>

#include "base/result.h"

namespace tp::rocks {

Error to_error(const rocksdb::Status& status);

inline Result<void> to_result(const rocksdb::Status& status) {
  if (status.ok()) return {};
  return std::unexpected(to_error(status));
}

}  // namespace tp::rocks
