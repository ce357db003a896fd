// The blob store over the local directory: direct I/O, holes and fdatasync for real.
#include <cstdlib>
#include <filesystem>

#include "backend/local/uring_file_system.h"
#include "blob_fixture.h"

namespace tp::blob {
namespace {

class BlobLocalTest : public testing::TestWithParam<bool> {};

TEST_P(BlobLocalTest, BlobsSurviveARestartAndDeadSpaceGoesBack) {
  std::string root = std::filesystem::temp_directory_path() / "tp_blob_XXXXXX";
  ASSERT_NE(mkdtemp(root.data()), nullptr);
  rt::Runtime runtime({.loops = 2});
  auto files = local::UringFileSystem::open({.root = root, .runtime = &runtime, .use_uring = GetParam()});
  ASSERT_TRUE(files);
  std::vector<std::pair<BlobRecord, Bytes>> blobs;
  for (uint64_t start = 1; start <= 2; ++start) {
    BlobStore::Options options;
    options.files = files->get();
    options.runtime = &runtime;
    options.start_number = start;
    options.segment_bytes = 16 << 20;
    options.min_free_bytes = 0;
    options.cache_memory = std::move(*local::AnonymousMemory::make(8 << 20));
    auto opened = runtime.block_on(BlobStore::open(std::move(options)));
    ASSERT_TRUE(opened) << opened.error().to_string();
    BlobStore* store = opened->get();
    for (uint64_t i = 0; i < 20; ++i) {
      Bytes bytes = pattern(1 + i * 300'000 % 8'000'000, start * 100 + i);
      auto record = runtime.block_on(put_durably(store, bytes), i % 2);
      ASSERT_TRUE(record) << record.error().to_string();
      blobs.emplace_back(std::move(*record), std::move(bytes));
    }
    for (const auto& [record, bytes] : blobs) {
      const auto back = runtime.block_on(get(store, record), 1);
      ASSERT_TRUE(back) << back.error().to_string();
      EXPECT_TRUE(*back == bytes);
    }
    const uint64_t used = store->stats().disk_bytes;
    EXPECT_GT(used, store->stats().live_bytes);
    for (auto it = blobs.begin(); it != blobs.end();) {
      if (it->first.id.value % 2 == 0 && it->first.id.value >> 40 == start) {
        ASSERT_TRUE(runtime.block_on(store->free(it->first)));
        it = blobs.erase(it);
      } else {
        ++it;
      }
    }
    EXPECT_LT(store->stats().disk_bytes, used);
    ASSERT_TRUE(runtime.block_on(store->stop()));
  }
  files->reset();
  std::filesystem::remove_all(root);
}

INSTANTIATE_TEST_SUITE_P(RingAndPool, BlobLocalTest, testing::Bool());

}  // namespace
}  // namespace tp::blob
