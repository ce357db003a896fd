#include "backend/rocksdb/rocks_tuning.h"

#include <rocksdb/convenience.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/sst_file_manager.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/table_properties_collectors.h>

#include <algorithm>

#include "base/check.h"

namespace tp::rocks {

namespace {

constexpr uint64_t kMiB = 1 << 20;
// Below this, a value costs less in the sorted file than the extra read from a blob file.
constexpr uint64_t kMinBlobBytes = 1024;

constexpr size_t kErasureWindow = 1024;

bool has_lz4() {
  const auto supported = rocksdb::GetSupportedCompressions();
  return std::find(supported.begin(), supported.end(), rocksdb::kLZ4Compression) != supported.end();
}

std::shared_ptr<rocksdb::TableFactory> table(const std::shared_ptr<rocksdb::Cache>& cache, size_t block_bytes) {
  rocksdb::BlockBasedTableOptions options;
  options.block_cache = cache;
  options.block_size = block_bytes;
  options.format_version = 5;
  // Indexes and filters live in the cache in partitions: memory stays bounded however many objects there are, and only
  // the top level and what is hot stays.
  options.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  options.partition_filters = true;
  options.metadata_block_size = 4096;
  options.cache_index_and_filter_blocks = true;
  options.cache_index_and_filter_blocks_with_high_priority = true;
  options.pin_top_level_index_and_filter = true;
  options.pin_l0_filter_and_index_blocks_in_cache = true;
  options.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10, false));
  options.optimize_filters_for_memory = false;
  options.whole_key_filtering = true;
  options.checksum = rocksdb::kXXH3;
  return std::shared_ptr<rocksdb::TableFactory>(rocksdb::NewBlockBasedTableFactory(options));
}

rocksdb::ColumnFamilyOptions family_options(kv::Space space, const RocksOptions& options,
                                            const std::shared_ptr<rocksdb::Cache>& cache, bool lz4) {
  rocksdb::ColumnFamilyOptions family;
  family.compression = lz4 ? rocksdb::kLZ4Compression : rocksdb::kNoCompression;
  family.level_compaction_dynamic_level_bytes = true;
  family.write_buffer_size = std::max<uint64_t>(options.memtable_bytes / 4, kMiB);
  family.max_write_buffer_number = 4;
  family.target_file_size_base = 64 * kMiB;
  family.max_bytes_for_level_base = 256 * kMiB;
  // Most lookups before a write ask for what is not there yet: the filter spares them the walk through the memtable.
  family.memtable_prefix_bloom_size_ratio = 0.05;
  family.memtable_whole_key_filtering = true;
  // What was erased is in the way of listings and holds small data's space: files full of erasures are compacted first.
  family.table_properties_collector_factories.push_back(
      rocksdb::NewCompactOnDeletionCollectorFactory(kErasureWindow, kErasureWindow / 2));
  size_t block_bytes = 4096;
  switch (space) {
    case kv::Space::kNames:
    case kv::Space::kInodes:
    case kv::Space::kExtents:
    case kv::Space::kBlobs:
    case kv::Space::kHistory:
    case kv::Space::kVersions:
    case kv::Space::kOverlay:
      break;
    case kv::Space::kData:
      family.write_buffer_size = std::max<uint64_t>(options.memtable_bytes / 2, kMiB);
      family.enable_blob_files = true;
      family.min_blob_size = kMinBlobBytes;
      family.blob_file_size = 256 * kMiB;
      family.blob_compression_type = rocksdb::kNoCompression;  // users' bytes are often compressed already
      family.enable_blob_garbage_collection = true;
      family.blob_garbage_collection_age_cutoff = 0.25;
      family.blob_garbage_collection_force_threshold = 0.5;
      family.blob_compaction_readahead_size = 2 * kMiB;
      family.blob_cache = cache;
      family.target_file_size_base = 16 * kMiB;
      break;
    case kv::Space::kMeta:
    case kv::Space::kUploads:
    case kv::Space::kJournal:
    case kv::Space::kDue:
      family.write_buffer_size = std::max<uint64_t>(options.memtable_bytes / 8, kMiB);
      family.target_file_size_base = 16 * kMiB;
      family.max_bytes_for_level_base = 64 * kMiB;
      block_bytes = 8192;
      break;
  }
  family.table_factory = table(cache, block_bytes);
  return family;
}

}  // namespace

const char* family_name(kv::Space space) {
  switch (space) {
    case kv::Space::kMeta:
      return "default";  // RocksDB insists on a family of this name
    case kv::Space::kNames:
      return "names";
    case kv::Space::kInodes:
      return "inodes";
    case kv::Space::kData:
      return "data";
    case kv::Space::kExtents:
      return "extents";
    case kv::Space::kBlobs:
      return "blobs";
    case kv::Space::kUploads:
      return "uploads";
    case kv::Space::kJournal:
      return "journal";
    case kv::Space::kHistory:
      return "history";
    case kv::Space::kVersions:
      return "versions";
    case kv::Space::kOverlay:
      return "overlay";
    case kv::Space::kDue:
      return "due";
  }
  TP_CHECK(false);
}

RocksTuning make_tuning(const RocksOptions& options) {
  RocksTuning tuning;
  rocksdb::LRUCacheOptions cache;
  cache.capacity = options.block_cache_bytes;
  cache.num_shard_bits = 4;
  cache.high_pri_pool_ratio = 0.5;
  tuning.cache = rocksdb::NewLRUCache(cache);

  rocksdb::DBOptions& database = tuning.database;
  if (options.env != nullptr) database.env = options.env;
  database.create_if_missing = true;
  database.create_missing_column_families = true;
  database.paranoid_checks = true;
  database.max_open_files = options.max_open_files;
  database.max_file_opening_threads = options.background_threads;
  database.max_background_jobs = options.background_threads;
  database.max_total_wal_size = options.max_log_bytes;
  database.db_write_buffer_size = options.memtable_bytes;
  // Every record was synced before the next began, so a hole before the end is damage; open() looks for it itself, and
  // cuts off a torn tail.
  database.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  database.recycle_log_file_num = 0;
  database.track_and_verify_wals_in_manifest = true;
  database.allow_fallocate = true;
  // Write-back in small steps, so that a flush does not make the log's sync wait behind it.
  database.bytes_per_sync = kMiB;
  database.compaction_readahead_size = 2 * kMiB;
  database.avoid_unnecessary_blocking_io = true;  // reads on a core's loop never delete files
  database.avoid_flush_during_shutdown = false;
  database.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  // Without it, a flush that met a full disk never tries again.
  database.sst_file_manager.reset(rocksdb::NewSstFileManager(database.env));
  database.stats_dump_period_sec = 0;
  database.stats_persist_period_sec = 0;
  database.keep_log_file_num = 4;
  database.max_log_file_size = 8 * kMiB;
  database.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;

  const bool lz4 = has_lz4();
  for (int i = 0; i < kv::kSpaceCount; ++i) {
    const auto space = static_cast<kv::Space>(i);
    tuning.families.emplace_back(family_name(space), family_options(space, options, tuning.cache, lz4));
  }
  return tuning;
}

}  // namespace tp::rocks
