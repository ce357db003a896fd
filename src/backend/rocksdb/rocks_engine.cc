#include "backend/rocksdb/rocks_engine.h"

#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/listener.h>
#include <rocksdb/write_batch.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>

#include "backend/rocksdb/log_check.h"
#include "backend/rocksdb/rocks_status.h"
#include "backend/rocksdb/rocks_tuning.h"
#include "rt/env/clock.h"

namespace tp::rocks {

namespace {

// Parts of a small disk: what is kept free, and what memtables and logs, which still have to be flushed, may take.
constexpr uint64_t kReserveShare = 8, kMemtableShare = 64, kLogShare = 32;
constexpr uint64_t kLeastMemtableBytes = 4 << 20;
constexpr int64_t kRoomIntervalNs = 2 * rt::kSecond;

rocksdb::Slice slice(BytesView bytes) { return {bytes.data(), bytes.size()}; }
BytesView view(const rocksdb::Slice& bytes) { return {bytes.data(), bytes.size()}; }

// What RocksDB has told us about failed writes, its own and ours.
class ErrorWatch final : public rocksdb::EventListener {
 public:
  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* status) override {
    using Reason = rocksdb::BackgroundErrorReason;
    const bool ours = reason == Reason::kWriteCallback || reason == Reason::kMemTable;
    if (!ours && to_error(*status).code == Code::kNoSpace) {
      waits_for_space_ = true;
    } else if (ours || status->severity() >= rocksdb::Status::kHardError) {
      broken_ = true;
    }
  }
  void OnErrorRecoveryEnd(const rocksdb::BackgroundErrorRecoveryInfo& info) override {
    if (info.new_bg_error.ok()) waits_for_space_ = false;
  }
  /// A flush or compaction met a full disk; RocksDB tries again by itself.
  bool waits_for_space() const { return waits_for_space_; }
  bool broken() const { return broken_; }
  void set_broken() { broken_ = true; }

 private:
  std::atomic<bool> waits_for_space_{false};
  std::atomic<bool> broken_{false};
};

class RocksSnapshot final : public kv::Snapshot {
 public:
  explicit RocksSnapshot(rocksdb::DB& db) : db_(db), snapshot_(db.GetSnapshot()) {}
  ~RocksSnapshot() override { db_.ReleaseSnapshot(snapshot_); }
  const rocksdb::Snapshot* get() const { return snapshot_; }

 private:
  rocksdb::DB& db_;
  const rocksdb::Snapshot* snapshot_;
};

rocksdb::ReadOptions read_options(const kv::Snapshot* snapshot, kv::ReadMode mode) {
  rocksdb::ReadOptions options;
  if (snapshot != nullptr) options.snapshot = static_cast<const RocksSnapshot*>(snapshot)->get();
  if (mode == kv::ReadMode::kCachedOnly) options.read_tier = rocksdb::kBlockCacheTier;
  return options;
}

// Owns the bounds, which RocksDB only points at.
class RocksIterator final : public kv::Iterator {
 public:
  RocksIterator(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family, kv::IterateOptions options)
      : lower_bound_(std::move(options.lower_bound)), upper_bound_(std::move(options.upper_bound)) {
    lower_slice_ = slice(lower_bound_);
    upper_slice_ = slice(upper_bound_);
    rocksdb::ReadOptions read = read_options(options.snapshot, options.mode);
    if (!lower_bound_.empty()) read.iterate_lower_bound = &lower_slice_;
    if (!upper_bound_.empty()) read.iterate_upper_bound = &upper_slice_;
    read.fill_cache = options.fill_cache;
    read.total_order_seek = true;
    read.background_purge_on_iterator_cleanup = true;
    iterator_.reset(db.NewIterator(read, family));
  }
  void seek(BytesView target) override { iterator_->Seek(slice(target)); }
  void seek_for_prev(BytesView target) override { iterator_->SeekForPrev(slice(target)); }
  void next() override { iterator_->Next(); }
  void prev() override { iterator_->Prev(); }
  bool valid() const override { return iterator_->Valid(); }
  BytesView key() const override { return view(iterator_->key()); }
  BytesView value() const override { return view(iterator_->value()); }
  Result<void> status() const override { return to_result(iterator_->status()); }

 private:
  Bytes lower_bound_, upper_bound_;
  rocksdb::Slice lower_slice_, upper_slice_;
  std::unique_ptr<rocksdb::Iterator> iterator_;
};

class RocksDatabase final : public kv::KvEngine {
 public:
  RocksDatabase(RocksOptions options, RocksTuning tuning, std::shared_ptr<ErrorWatch> watch,
                std::unique_ptr<rocksdb::DB> db, std::vector<rocksdb::ColumnFamilyHandle*> families)
      : options_(std::move(options)),
        tuning_(std::move(tuning)),
        watch_(std::move(watch)),
        db_(std::move(db)),
        families_(std::move(families)) {}
  ~RocksDatabase() override;

  Result<std::optional<Bytes>> get(kv::Space space, BytesView key, const kv::Snapshot* snapshot,
                                   kv::ReadMode mode) override;
  Result<std::vector<std::optional<Bytes>>> multi_get(kv::Space space, std::span<const Bytes> keys,
                                                      const kv::Snapshot* snapshot) override;
  std::unique_ptr<kv::Iterator> iterate(kv::Space space, kv::IterateOptions options) override {
    return std::make_unique<RocksIterator>(*db_, family(space), std::move(options));
  }
  std::unique_ptr<kv::Snapshot> snapshot() override { return std::make_unique<RocksSnapshot>(*db_); }
  Result<void> write(std::span<const kv::Write> writes, kv::Durability durability) override;
  Result<void> erase_range(kv::Space space, BytesView begin, BytesView end) override;
  Result<void> verify() override;
  std::vector<std::pair<std::string, uint64_t>> statistics() override;

 private:
  rocksdb::ColumnFamilyHandle* family(kv::Space space) const { return families_[static_cast<size_t>(space)]; }
  /// Whether the disk is nearly full; kNoSpace if too full for such a write.
  Result<bool> check_space(bool erases);
  void make_room();
  Result<void> commit(rocksdb::WriteBatch* batch);
  uint64_t sum_property(const std::string& property) const;

  RocksOptions options_;
  RocksTuning tuning_;
  std::shared_ptr<ErrorWatch> watch_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
  std::atomic<int64_t> next_room_ns_{0};
};

RocksDatabase::~RocksDatabase() {
  // Everything is in the log already. Flushing spares the next start the replay, which may take seconds.
  if (!watch_->broken() && !watch_->waits_for_space()) {
    [[maybe_unused]] const rocksdb::Status flushed = db_->Flush(rocksdb::FlushOptions(), families_);
  }
  for (auto* each : families_) db_->DestroyColumnFamilyHandle(each);
  [[maybe_unused]] const rocksdb::Status closed = db_->Close();
}

Result<std::optional<Bytes>> RocksDatabase::get(kv::Space space, BytesView key, const kv::Snapshot* snapshot,
                                                kv::ReadMode mode) {
  rocksdb::PinnableSlice value;
  const rocksdb::Status status = db_->Get(read_options(snapshot, mode), family(space), slice(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return std::unexpected(to_error(status));
  // Where the file is not open yet, RocksDB says that the key may exist, which looks like an empty value.
  const bool unsure = mode == kv::ReadMode::kCachedOnly && value.empty();
  if (unsure) return std::unexpected(to_error(rocksdb::Status::Incomplete()));
  return std::optional<Bytes>(std::in_place, value.data(), value.size());
}

Result<std::vector<std::optional<Bytes>>> RocksDatabase::multi_get(kv::Space space, std::span<const Bytes> keys,
                                                                   const kv::Snapshot* snapshot) {
  std::vector<rocksdb::Slice> slices;
  slices.reserve(keys.size());
  for (const Bytes& key : keys) slices.push_back(slice(key));
  std::vector<rocksdb::PinnableSlice> values(keys.size());
  std::vector<rocksdb::Status> statuses(keys.size());
  db_->MultiGet(read_options(snapshot, kv::ReadMode::kAny), family(space), keys.size(), slices.data(), values.data(),
                statuses.data(), false);
  std::vector<std::optional<Bytes>> results(keys.size());
  for (size_t i = 0; i < keys.size(); ++i) {
    if (statuses[i].ok()) {
      results[i].emplace(values[i].data(), values[i].size());
    } else if (!statuses[i].IsNotFound()) {
      return std::unexpected(to_error(statuses[i]));
    }
  }
  return results;
}

Result<void> RocksDatabase::write(std::span<const kv::Write> writes, kv::Durability) {
  size_t bytes = 0;
  bool erases = false;
  for (const kv::Write& write : writes) {
    bytes += write.key.size() + (write.value ? write.value->size() : 0) + 16;
    erases = erases || !write.value;
  }
  TP_TRY(const bool nearly_full, check_space(erases));
  rocksdb::WriteBatch batch(bytes + 64);
  for (const kv::Write& write : writes) {
    const rocksdb::Status added = write.value ? batch.Put(family(write.space), slice(write.key), slice(*write.value))
                                              : batch.Delete(family(write.space), slice(write.key));
    if (!added.ok()) return std::unexpected(to_error(added));
  }
  TP_TRY_VOID(commit(&batch));
  if (nearly_full) make_room();
  return ok;
}

Result<void> RocksDatabase::erase_range(kv::Space space, BytesView begin, BytesView end) {
  if (begin >= end) return ok;
  TP_TRY([[maybe_unused]] const bool nearly_full, check_space(true));
  rocksdb::WriteBatch batch;
  const rocksdb::Status added = batch.DeleteRange(family(space), slice(begin), slice(end));
  if (!added.ok()) return std::unexpected(to_error(added));
  TP_TRY_VOID(commit(&batch));
  if (space == kv::Space::kJournal) {
    // Whole files of old entries go at once instead of being compacted away; nobody reads them at a snapshot.
    const rocksdb::Slice first = slice(begin);
    const rocksdb::Slice last = slice(end);
    [[maybe_unused]] const auto dropped = rocksdb::DeleteFilesInRange(db_.get(), family(space), &first, &last, false);
  }
  return ok;
}

// Always synced, also where the caller does not ask for it: see the invariant in rocks_engine.h.
Result<void> RocksDatabase::commit(rocksdb::WriteBatch* batch) {
  if (watch_->broken()) return fail(Code::kReadOnly, "the metadata engine failed a write and takes no more");
  if (watch_->waits_for_space()) return fail(Code::kNoSpace, "the disk of the metadata is full");
  rocksdb::WriteOptions options;
  options.sync = true;
  const rocksdb::Status status = db_->Write(options, batch);
  if (status.ok()) return ok;
  Error error = to_error(status);
  // RocksDB refused before it wrote if it stopped for its own flushes; otherwise the log may hold a part of the batch.
  const bool refused = watch_->waits_for_space() && !watch_->broken();
  if (!refused) {
    watch_->set_broken();
    error.applied = Applied::kMaybe;
  }
  return std::unexpected(std::move(error));
}

Result<bool> RocksDatabase::check_space(bool erases) {
  struct statvfs disk {};
  if (statvfs(options_.path.c_str(), &disk) != 0) return false;  // the write itself will say what is wrong
  const uint64_t free_bytes = static_cast<uint64_t>(disk.f_bavail) * disk.f_frsize;
  const uint64_t total_bytes = static_cast<uint64_t>(disk.f_blocks) * disk.f_frsize;
  const uint64_t reserve = std::min(options_.min_free_bytes, total_bytes / kReserveShare);
  if (free_bytes >= reserve) return false;
  if (erases && free_bytes >= reserve / 4) return true;
  make_room();
  return fail(Code::kNoSpace, "the disk of the metadata is nearly full");
}

// Small data takes its space until its erasure has been flushed and compacted, and a store that is full and only erased
// from would be slow to come to that by itself.
void RocksDatabase::make_room() {
  const int64_t now_ns = rt::SystemClock::instance().now();
  int64_t due_ns = next_room_ns_.load(std::memory_order_relaxed);
  if (now_ns < due_ns || !next_room_ns_.compare_exchange_strong(due_ns, now_ns + kRoomIntervalNs)) return;
  rocksdb::FlushOptions options;
  options.wait = false;
  options.allow_write_stall = true;
  [[maybe_unused]] const rocksdb::Status begun = db_->Flush(options, family(kv::Space::kData));
}

Result<void> RocksDatabase::verify() {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  TP_TRY_VOID(to_result(db_->VerifyFileChecksums(options)));
  return to_result(db_->VerifyChecksum(options));
}

uint64_t RocksDatabase::sum_property(const std::string& property) const {
  uint64_t sum = 0;
  for (auto* each : families_) {
    uint64_t value = 0;
    if (db_->GetIntProperty(each, property, &value)) sum += value;
  }
  return sum;
}

std::vector<std::pair<std::string, uint64_t>> RocksDatabase::statistics() {
  using Properties = rocksdb::DB::Properties;
  return {
      {"block_cache_bytes", tuning_.cache->GetUsage()},
      {"block_cache_limit_bytes", tuning_.cache->GetCapacity()},
      {"memtable_bytes", sum_property(Properties::kCurSizeAllMemTables)},
      {"table_readers_bytes", sum_property(Properties::kEstimateTableReadersMem)},
      {"disk_bytes",
       sum_property(Properties::kTotalSstFilesSize) + sum_property(Properties::kTotalBlobFileSize)},
      {"small_data_garbage_bytes", sum_property(Properties::kLiveBlobFileGarbageSize)},
      {"keys_estimate", sum_property(Properties::kEstimateNumKeys)},
      {"pending_compaction_bytes", sum_property(Properties::kEstimatePendingCompactionBytes)},
      {"write_stopped", sum_property(Properties::kIsWriteStopped) != 0 ? 1u : 0u},
      {"read_only", watch_->broken() ? 1u : 0u},
  };
}

// On a small disk the reserve is small, and what is in memory when it is reached must still fit into it.
void fit_to_disk(RocksOptions* options) {
  struct statvfs disk {};
  if (statvfs(options->path.c_str(), &disk) != 0) return;
  const uint64_t total_bytes = static_cast<uint64_t>(disk.f_blocks) * disk.f_frsize;
  const uint64_t memtables = std::max(total_bytes / kMemtableShare, kLeastMemtableBytes);
  options->memtable_bytes = std::min(options->memtable_bytes, memtables);
  options->max_log_bytes = std::min(options->max_log_bytes, std::max(total_bytes / kLogShare, 2 * kLeastMemtableBytes));
}

Error open_error(const rocksdb::Status& status, const std::string& path) {
  const std::string words = status.ToString();
  if (status.IsIOError() && words.find("lock") != std::string::npos) {
    return Error(Code::kUnavailable, path + " is in use by another process");
  }
  if (status.IsInvalidArgument() && words.find("olumn famil") != std::string::npos) {
    return Error(Code::kInvalidArgument, path + " was made by a newer version: " + words);
  }
  return to_error(status).with_context(path);
}

}  // namespace

Result<std::unique_ptr<kv::KvEngine>> RocksEngine::open(RocksOptions options) {
  std::error_code made;
  std::filesystem::create_directories(options.path, made);
  if (made) return fail(Code::kIo, options.path + ": " + made.message());
  fit_to_disk(&options);
  RocksTuning tuning = make_tuning(options);
  auto watch = std::make_shared<ErrorWatch>();
  tuning.database.listeners.push_back(watch);
  TP_TRY(const auto torn, check_logs(options.path));
  if (torn) TP_TRY_VOID(cut_tail(*torn));
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  rocksdb::DB* raw = nullptr;
  const rocksdb::Status status =
      rocksdb::DB::Open(tuning.database, options.path, tuning.families, &families, &raw);
  if (!status.ok()) return std::unexpected(open_error(status, options.path));
  std::unique_ptr<rocksdb::DB> db(raw);
  return std::make_unique<RocksDatabase>(std::move(options), std::move(tuning), std::move(watch), std::move(db),
                                         std::move(families));
}

}  // namespace tp::rocks
