// How RocksDB is tuned: options of the database and of each space's column family.
#pragma once

#include <rocksdb/db.h>

#include <vector>

#include "backend/rocksdb/rocks_engine.h"

namespace tp::rocks {

struct RocksTuning {
  rocksdb::DBOptions database;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;  // in the order of kv::Space
  std::shared_ptr<rocksdb::Cache> cache;
};

RocksTuning make_tuning(const RocksOptions& options);

/// The column family of a space: part of the on-disk format.
const char* family_name(kv::Space space);

}  // namespace tp::rocks
