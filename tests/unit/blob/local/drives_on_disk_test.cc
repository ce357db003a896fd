// Tiers over real directories: direct I/O, holes and fdatasync for real, and both loops at once.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "backend/local/uring_file_system.h"
#include "blob/blob_checksum.h"
#include "blob/local/local_tier.h"
#include "rt/await.h"
#include "rt/env/rng.h"

namespace tp::blob {
namespace {

Bytes data_of(uint64_t id) {
  rt::Rng rng(id);
  Bytes data(1 + rng.below(id % 3 == 0 ? 5'000'000 : 300'000), '\0');
  for (char& byte : data) byte = static_cast<char>(id % 2 == 0 ? 'a' + rng.below(4) : rng.next());
  return data;
}

TierItem item_of(uint64_t id) {
  TierItem item;
  item.data = std::make_shared<const Bytes>(data_of(id));
  item.blob.id = BlobId(id);
  item.blob.length_bytes = static_cast<uint32_t>(item.data->size());
  for (size_t unit = 0; unit < unit_count(item.data->size()); ++unit) {
    const BytesView bytes = BytesView(*item.data).substr(unit * kChecksumUnitBytes, kChecksumUnitBytes);
    item.blob.checksums.push_back(unit_checksum(item.blob.id, static_cast<uint32_t>(unit), bytes));
  }
  return item;
}

Task<void> put_all(Tier* tier, uint64_t from, uint64_t to, std::vector<BlobRecord>* records) {
  for (uint64_t id = from; id < to; id += 4) {
    std::vector<TierItem> items;
    for (uint64_t i = id; i < std::min(id + 4, to); ++i) items.push_back(item_of(i));
    TP_CO_TRY(auto stored, co_await tier->put(std::move(items)));
    for (BlobRecord& record : stored) records->push_back(std::move(record));
  }
  co_return ok;
}

Task<void> read_all(Tier* tier, std::vector<BlobRecord> records) {
  for (const BlobRecord& record : records) {
    Bytes all;
    while (all.size() < record.length_bytes) {
      TP_CO_TRY(const auto region, co_await tier->read(record, all.size(), record.length_bytes));
      all.append(region.bytes);
    }
    if (all != data_of(record.id.value)) co_return fail(Code::kInternal, "other bytes were read");
  }
  co_return ok;
}

/// Reads on loop `other`, and comes back.
Task<void> read_beside(rt::Loop* other, Tier* tier, std::vector<BlobRecord> records, Result<void>* result) {
  rt::Loop& home = rt::Loop::current();
  co_await rt::resume_on(*other);
  *result = ok;
  for (int round = 0; round < 2 && *result; ++round) *result = co_await read_all(tier, records);
  co_await rt::resume_on(home);
  co_return ok;
}

class DrivesOnDiskTest : public testing::TestWithParam<bool> {
 protected:
  DrivesOnDiskTest() : runtime_({.loops = 2, .blocking_threads = 3}) {
    root_ = std::filesystem::temp_directory_path() / "tp_drives_XXXXXX";
    EXPECT_NE(mkdtemp(root_.data()), nullptr);
  }
  ~DrivesOnDiskTest() override {
    close();
    std::filesystem::remove_all(root_);
  }
  std::string directory(unsigned drive) const { return root_ + "/" + std::to_string(drive); }
  Result<void> open(unsigned data, unsigned parity, unsigned drives) {
    close();
    ErasureOptions options;
    options.runtime = &runtime_;
    options.start_number = ++starts_;
    options.tier = 1;
    options.min_free_bytes = 0;
    options.segment_bytes = 8 << 20;
    options.data_pieces = data;
    options.parity_pieces = parity;
    for (unsigned i = 0; i < drives; ++i) options.directories.push_back(directory(i));
    options.open_directory = [this](const std::string& name) -> Result<std::unique_ptr<io::FileSystem>> {
      TP_TRY(auto files, local::UringFileSystem::open({.root = name, .runtime = &runtime_, .use_uring = GetParam()}));
      return files;
    };
    TP_TRY(tier_, runtime_.block_on(parity == 0 ? open_local_tier(std::move(options))
                                                : open_erasure_tier(std::move(options))));
    return ok;
  }
  void close() {
    if (tier_ != nullptr) EXPECT_TRUE(runtime_.block_on(tier_->stop()));
    tier_.reset();
  }
  void expect(Task<void> task, const char* what) {
    const auto result = runtime_.block_on(std::move(task));
    EXPECT_TRUE(result) << what << ": " << result.error().to_string();
  }

  /// One loop puts, the other reads.
  Task<void> put_and_read(std::vector<BlobRecord> old, std::vector<BlobRecord>* fresh, Result<void>* read) {
    rt::TaskGroup tasks;
    tasks.spawn(read_beside(&runtime_.loop(1), tier_.get(), std::move(old), read));
    auto put = co_await put_all(tier_.get(), 100, 112, fresh);
    co_await tasks.join();
    co_return put;
  }

  rt::Runtime runtime_;
  std::string root_;
  std::unique_ptr<ErasureTier> tier_;
  uint64_t starts_ = 0;
};

TEST_P(DrivesOnDiskTest, ALocalTierKeepsFreesAndReopens) {
  ASSERT_TRUE(open(1, 0, 1));
  std::vector<BlobRecord> records;
  expect(put_all(tier_.get(), 1, 17, &records), "put");
  expect(read_all(tier_.get(), records), "read");
  ASSERT_TRUE(open(1, 0, 1));
  expect(read_all(tier_.get(), records), "read after a restart");
  const uint64_t before = tier_->stats().disk_bytes;
  for (size_t i = 0; i < records.size(); i += 2) expect(tier_->free(records[i]), "free");
  EXPECT_LT(tier_->stats().disk_bytes, before);
  for (size_t i = 1; i < records.size(); i += 2) expect(tier_->verify(records[i]), "verify");
}

TEST_P(DrivesOnDiskTest, DrivesAreLostReplacedAndDrainedWhileBothLoopsWork) {
  ASSERT_TRUE(open(3, 2, 6));
  std::vector<BlobRecord> records, more;
  expect(put_all(tier_.get(), 1, 25, &records), "put");
  close();
  std::filesystem::remove_all(directory(1));
  ASSERT_TRUE(open(3, 2, 6));
  EXPECT_GT(tier_->status().missing_shards, 0u);
  expect(tier_->replace(directory(1)), "replace");
  Result<void> read = ok;
  expect(put_and_read(records, &more, &read), "put while mending");
  EXPECT_TRUE(read) << read.error().to_string();
  expect(tier_->wait_mended(), "mend");
  EXPECT_EQ(tier_->status().missing_shards, 0u);
  expect(tier_->drain(directory(4)), "drain");
  expect(read_all(tier_.get(), records), "read while draining");
  expect(tier_->wait_mended(), "drained");
  close();
  for (const unsigned lost : {0u, 4u, 2u}) std::filesystem::remove_all(directory(lost));
  ASSERT_TRUE(open(3, 2, 6));
  expect(read_all(tier_.get(), records), "two are lost, one was drained");
  expect(read_all(tier_.get(), more), "the later ones too");
}

INSTANTIATE_TEST_SUITE_P(Io, DrivesOnDiskTest, testing::Bool());

}  // namespace
}  // namespace tp::blob
