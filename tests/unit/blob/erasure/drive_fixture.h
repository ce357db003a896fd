// DriveFixture: a tier over drives in memory that a test can break, and the coroutines that its tests share.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "backend/memory/memory_file_system.h"
#include "blob/blob_checksum.h"
#include "blob/erasure/erasure_format.h"
#include "blob/erasure/erasure_tier.h"
#include "blob/local/local_tier.h"
#include "rt/env/rng.h"

namespace tp::blob {

/// What open_directory() gives out: the drive stays the test's.
class LentDrive final : public io::FileSystem {
 public:
  explicit LentDrive(memory::MemoryFileSystem* files) : files_(files) {}
  Task<std::unique_ptr<io::File>> open(std::string name, io::OpenMode mode, io::Caching caching) override {
    return files_->open(std::move(name), mode, caching);
  }
  Task<void> remove(std::string name) override { return files_->remove(std::move(name)); }
  Task<std::vector<std::string>> list(std::string directory) override { return files_->list(std::move(directory)); }
  Task<void> make_directory(std::string name) override { return files_->make_directory(std::move(name)); }
  Task<void> sync_directory(std::string name) override { return files_->sync_directory(std::move(name)); }
  Result<io::SpaceInfo> space() override { return files_->space(); }

 private:
  memory::MemoryFileSystem* files_;
};

inline Bytes random_data(size_t size, uint64_t seed) {
  rt::Rng rng(seed);
  Bytes bytes(size, '\0');
  // Half of it packs well, so that both encodings come up.
  const bool packs = seed % 2 == 0;
  for (char& byte : bytes) byte = static_cast<char>(packs ? 'a' + rng.below(4) : rng.next());
  return bytes;
}

inline TierItem item_of(uint64_t id, Bytes data) {
  TierItem item;
  item.blob.id = BlobId(id);
  item.blob.length_bytes = static_cast<uint32_t>(data.size());
  for (size_t unit = 0; unit < unit_count(data.size()); ++unit) {
    const BytesView bytes = BytesView(data).substr(unit * kChecksumUnitBytes, kChecksumUnitBytes);
    item.blob.checksums.push_back(unit_checksum(item.blob.id, static_cast<uint32_t>(unit), bytes));
  }
  item.data = std::make_shared<const Bytes>(std::move(data));
  return item;
}

inline Task<Bytes> read_range(Tier* tier, BlobRecord record, uint64_t offset, uint64_t size) {
  Bytes all;
  while (all.size() < size) {
    TP_CO_TRY(const auto region, co_await tier->read(record, offset + all.size(), size - all.size()));
    if (region.bytes.empty()) co_return fail(Code::kInternal, "read returned nothing");
    all.append(region.bytes);
  }
  co_return all;
}

class DriveFixture : public testing::Test {
 protected:
  DriveFixture() : runtime_({.loops = 2, .blocking_threads = 2}) {}
  ~DriveFixture() override { close(); }

  static std::string name_of(unsigned drive) { return "/drive" + std::to_string(drive); }
  memory::MemoryFileSystem& drive(unsigned index) { return drive(name_of(index)); }
  memory::MemoryFileSystem& drive(const std::string& name) {
    auto& found = drives_[name];
    if (found == nullptr) found = std::make_unique<memory::MemoryFileSystem>(capacity_);
    return *found;
  }
  /// As if another disk were mounted there: empty. The old one is kept, for bring_back().
  void swap_out(unsigned index) { std::swap(drives_[name_of(index)], swapped_[name_of(index)]); }
  /// The directory cannot be opened until it is back.
  void take_away(unsigned index) { away_[name_of(index)] = true; }
  void bring_back(unsigned index) { away_.erase(name_of(index)); }

  ErasureOptions options(unsigned drives) {
    ErasureOptions options;
    options.runtime = &runtime_;
    for (unsigned i = 0; i < drives; ++i) options.directories.push_back(name_of(i));
    options.open_directory = [this](const std::string& directory) -> Result<std::unique_ptr<io::FileSystem>> {
      if (away_.contains(directory)) return fail(Code::kNotFound, directory + " is away");
      return std::make_unique<LentDrive>(&drive(directory));
    };
    options.data_pieces = data_;
    options.parity_pieces = parity_;
    options.tier = 3;
    options.store_id = 77;
    options.start_number = ++starts_;
    options.segment_bytes = segment_bytes_;
    options.min_free_bytes = 1 << 20;
    options.report = [this](const std::string& text) { reports_.push_back(text); };
    return options;
  }
  Result<void> open(unsigned drives) { return open(options(drives)); }
  Result<void> open(ErasureOptions options) {
    close();
    TP_TRY(tier_, runtime_.block_on(open_erasure_tier(std::move(options))));
    return ok;
  }
  void close() {
    if (tier_ != nullptr) EXPECT_TRUE(runtime_.block_on(tier_->stop()));
    tier_.reset();
  }
  /// As after a loss of power.
  Result<void> crash(unsigned drives, uint64_t seed) {
    close();
    for (auto& [name, files] : drives_) files->crash(seed);
    return open(drives);
  }

  Result<std::vector<BlobRecord>> put(std::vector<TierItem> items) {
    return runtime_.block_on(tier_->put(std::move(items)), static_cast<unsigned>(++calls_ % 2));
  }
  BlobRecord must_put(uint64_t id, size_t size) {
    data_of_[id] = random_data(size, id);
    auto records = put({item_of(id, data_of_[id])});
    EXPECT_TRUE(records) << records.error().to_string();
    return records && records->size() == 1 ? records->front() : BlobRecord();
  }
  Result<Bytes> get(const BlobRecord& record) { return get(record, 0, record.length_bytes); }
  Result<Bytes> get(const BlobRecord& record, uint64_t offset, uint64_t size) {
    return runtime_.block_on(read_range(tier_.get(), record, offset, size), static_cast<unsigned>(++calls_ % 2));
  }
  void expect_reads(const BlobRecord& record, const char* when = "") {
    const auto read = get(record);
    ASSERT_TRUE(read) << when << ": " << read.error().to_string();
    EXPECT_TRUE(*read == data_of_[record.id.value]) << when;
  }
  Result<void> run(Task<void> task) { return runtime_.block_on(std::move(task)); }
  Result<void> mend() {
    TP_TRY_VOID(run(tier_->mend()));
    return run(tier_->wait_mended());
  }
  DriveStatus status_of(unsigned drive) {
    const ErasureStatus status = tier_->status();
    const auto one = std::ranges::find(status.drives, name_of(drive), &DriveStatus::directory);
    EXPECT_NE(one, status.drives.end());
    return one == status.drives.end() ? DriveStatus() : *one;
  }
  /// Where the piece of a blob in this slot lies: the drive's name and the file's, empty if nowhere.
  std::pair<std::string, std::string> shard_of(const BlobRecord& record, unsigned slot) {
    const std::string path = shard_path({record.segment, static_cast<uint8_t>(slot)});
    for (auto& [name, files] : drives_) {
      if (!files->peek(path, 0, 1).empty()) return {name, path};
    }
    return {};
  }
  bool spoil(const BlobRecord& record, unsigned slot, uint64_t at = 5) {
    const auto [name, path] = shard_of(record, slot);
    return !name.empty() && drive(name).flip_bit(path, record.offset + at, 3);
  }

  rt::Runtime runtime_;
  std::map<std::string, std::unique_ptr<memory::MemoryFileSystem>> drives_, swapped_;
  std::map<std::string, bool> away_;
  std::unique_ptr<ErasureTier> tier_;
  std::map<uint64_t, Bytes> data_of_;
  std::vector<std::string> reports_;
  uint64_t capacity_ = 1ull << 40;
  uint64_t segment_bytes_ = 4 << 20;
  unsigned data_ = 4, parity_ = 2;
  uint64_t starts_ = 0;
  uint64_t calls_ = 0;
};

}  // namespace tp::blob
