// What open_remote_store() and the archive tier do against a real service, which archive/providers_test.py starts. The
// service is named by TP_REMOTE_* in the environment, its credentials are where the program itself looks for them.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "blob/archive/archive_tier.h"
#include "blob/blob_checksum.h"
#include "server/archive/remote_store.h"

namespace tp::server {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

RemoteSettings service() {
  RemoteSettings settings;
  settings.kind = environment("TP_REMOTE_KIND") == "azure" ? RemoteKind::kAzure : RemoteKind::kS3;
  settings.endpoint = environment("TP_REMOTE_ENDPOINT");
  settings.bucket = environment("TP_REMOTE_BUCKET");
  settings.virtual_host = environment("TP_REMOTE_STYLE") == "virtual";
  settings.roots_file = environment("TP_REMOTE_ROOTS");
  settings.retry.attempts = 4;
  return settings;
}

Bytes pattern(size_t size, uint64_t seed) {
  Bytes bytes(size, '\0');
  uint64_t state = seed * 0x9e3779b97f4a7c15ULL;
  for (char& byte : bytes) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    byte = static_cast<char>(state >> 56);
  }
  return bytes;
}

class ProviderTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_FALSE(environment("TP_REMOTE_ENDPOINT").empty()) << "run by providers_test.py";
    open(service());
  }
  void TearDown() override { close(); }

  void open(const RemoteSettings& settings) {
    close();
    auto opened = open_remote_store(runtime_, settings);
    ASSERT_TRUE(opened) << opened.error().to_string();
    store_ = std::move(*opened);
  }
  void close() {
    if (store_ != nullptr) EXPECT_TRUE(runtime_.block_on(store_->stop()));
    store_.reset();
  }
  void must_put(const std::string& name, Bytes data) {
    auto put = runtime_.block_on(store_->put(name, std::make_shared<const Bytes>(std::move(data))));
    ASSERT_TRUE(put) << put.error().to_string();
  }
  Code code_of_get(const std::string& name, uint64_t offset, uint64_t size_bytes) {
    auto got = runtime_.block_on(store_->get(name, offset, size_bytes));
    return got ? Code::kInternal : got.error().code;
  }

  rt::Runtime runtime_{{.loops = 2}};
  std::unique_ptr<io::ObjectStore> store_;
};

TEST_F(ProviderTest, WhatIsPutComesBackByRangeAndGoes) {
  const std::string name = "some/object-1.bin";
  for (const size_t size : {1u, 1000u, 300'000u, 20'000'000u}) {
    const Bytes data = pattern(size, size);
    must_put(name, data);
    for (const auto& [offset, bytes] :
         {std::pair<size_t, size_t>{0, size}, {size / 2, size - size / 2}, {size - 1, 1}}) {
      auto got = runtime_.block_on(store_->get(name, offset, bytes));
      ASSERT_TRUE(got) << got.error().to_string();
      EXPECT_TRUE(*got == data.substr(offset, bytes)) << size << " from " << offset;
    }
    auto head = runtime_.block_on(store_->head(name));
    ASSERT_TRUE(head) << head.error().to_string();
    EXPECT_EQ(head->size_bytes, size);
    EXPECT_EQ(code_of_get(name, size - 1, 2), Code::kOutOfRange);
    EXPECT_EQ(code_of_get(name, size, 1), Code::kOutOfRange);
    EXPECT_EQ(code_of_get(name, size + 100, 7), Code::kOutOfRange);
  }
  ASSERT_TRUE(runtime_.block_on(store_->remove(name)));
  ASSERT_TRUE(runtime_.block_on(store_->remove(name))) << "a second time";
  EXPECT_EQ(code_of_get(name, 0, 1), Code::kNotFound);
  EXPECT_EQ(runtime_.block_on(store_->head(name)).error().code, Code::kNotFound);
}

TEST_F(ProviderTest, ListsInOrderBetweenAPrefixAndALimit) {
  std::vector<std::string> names;
  for (int i = 0; i < 25; ++i) names.push_back("list/a" + std::to_string(100 + i));
  for (const std::string& name : names) must_put(name, Bytes(static_cast<size_t>(name.back() - '0') + 1, 'x'));
  must_put("lis", "before");
  must_put("list/b", "behind");
  must_put("list0", "behind too");
  std::vector<std::string> found;
  for (int page = 0; page < 10; ++page) {
    auto listed = runtime_.block_on(store_->list("list/a", found.empty() ? "" : found.back(), 7));
    ASSERT_TRUE(listed) << listed.error().to_string();
    EXPECT_LE(listed->size(), 7u);
    for (const auto& object : *listed) {
      EXPECT_EQ(object.size_bytes, static_cast<size_t>(object.name.back() - '0') + 1);
      found.push_back(object.name);
    }
    if (listed->empty()) break;
  }
  EXPECT_EQ(found, names);
  auto rest = runtime_.block_on(store_->list("list/", "list/a120", 1000));
  ASSERT_TRUE(rest) << rest.error().to_string();
  EXPECT_EQ(rest->size(), 5u);
  auto none = runtime_.block_on(store_->list("nothing/", "", 1000));
  ASSERT_TRUE(none) << none.error().to_string();
  EXPECT_TRUE(none->empty());
  for (const std::string& name : names) EXPECT_TRUE(runtime_.block_on(store_->remove(name)));
  for (const char* name : {"lis", "list/b", "list0"}) EXPECT_TRUE(runtime_.block_on(store_->remove(name)));
}

Task<void> put_and_get(io::ObjectStore* store, int number, int* good) {
  const std::string name = "many/" + std::to_string(number);
  const auto data = std::make_shared<const Bytes>(pattern(50'000, static_cast<uint64_t>(number)));
  auto put = co_await store->put(name, data);
  if (!put) ADD_FAILURE() << put.error().to_string();
  auto got = co_await store->get(name, 10, 40'000);
  if (!got) ADD_FAILURE() << got.error().to_string();
  if (got && *got == data->substr(10, 40'000)) ++*good;
  auto removed = co_await store->remove(name);
  if (!removed) ADD_FAILURE() << removed.error().to_string();
  co_return ok;
}

Task<int> many(io::ObjectStore* store) {
  int good = 0;
  rt::TaskGroup group;
  for (int i = 0; i < 60; ++i) group.spawn(put_and_get(store, i, &good));
  co_await group.join();
  co_return good;
}

TEST_F(ProviderTest, ManyRequestsAtOnceShareConnections) {
  for (unsigned loop = 0; loop < 2; ++loop) EXPECT_EQ(runtime_.block_on(many(store_.get()), loop).value(), 60);
  // s3rver answers some of many with "internal error".
  if (environment("TP_REMOTE_STUMBLES").empty()) EXPECT_EQ(store_->stats().retries, 0u);
}

TEST_F(ProviderTest, WrongKeysAndAForeignBucketAreToldInWords) {
  RemoteSettings settings = service();
  settings.bucket = "no-such-bucket-here";
  open(settings);
  auto listed = runtime_.block_on(store_->list("x", "", 1));
  ASSERT_FALSE(listed);
  // A service may refuse to say whether there is one.
  EXPECT_TRUE(listed.error().code == Code::kNotFound || listed.error().code == Code::kPermissionDenied)
      << listed.error().to_string();

  const std::string file = testing::TempDir() + "/keys-" + std::to_string(::getpid());
  const std::string secret = "d3Jvbmctc2VjcmV0LXdyb25nLXNlY3JldA==";
  settings = service();
  settings.credentials_file = file;
  settings.account = environment("AZURE_STORAGE_ACCOUNT");
  std::ofstream(file) << (settings.kind == RemoteKind::kS3 ? environment("AWS_ACCESS_KEY_ID") + "\n" : "") << secret
                      << "\n";
  ASSERT_EQ(::chmod(file.c_str(), 0644), 0);
  auto refused = open_remote_store(runtime_, settings);
  ASSERT_FALSE(refused) << "a file that others may read";
  EXPECT_EQ(refused.error().code, Code::kPermissionDenied);
  ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
  open(settings);
  auto put = runtime_.block_on(store_->put("x", std::make_shared<const Bytes>("y")));
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().code, Code::kPermissionDenied) << put.error().to_string();
  EXPECT_EQ(put.error().message.find(secret), std::string::npos);
  std::filesystem::remove(file);
}

// ---- the archive tier over it ----

blob::TierItem item_of(uint64_t id, Bytes data) {
  blob::TierItem item;
  item.blob.id = BlobId(id);
  item.blob.length_bytes = static_cast<uint32_t>(data.size());
  for (size_t at = 0; at < data.size(); at += blob::kChecksumUnitBytes) {
    const auto unit = static_cast<uint32_t>(at / blob::kChecksumUnitBytes);
    item.blob.checksums.push_back(
        blob::unit_checksum(BlobId(id), unit, BytesView(data).substr(at, blob::kChecksumUnitBytes)));
  }
  item.data = std::make_shared<const Bytes>(std::move(data));
  return item;
}

Task<Bytes> read_all(blob::Tier* tier, blob::BlobRecord blob) {
  Bytes all;
  while (all.size() < blob.length_bytes) {
    TP_CO_TRY(const auto region, co_await tier->read(blob, all.size(), blob.length_bytes - all.size()));
    all.append(region.bytes);
  }
  co_return all;
}

class ProviderTierTest : public ProviderTest {
 protected:
  std::unique_ptr<blob::Tier> open_tier(uint64_t start) {
    auto store = open_remote_store(runtime_, service());
    EXPECT_TRUE(store) << store.error().to_string();
    blob::ArchiveOptions options;
    options.runtime = &runtime_;
    options.store = std::move(*store);
    options.prefix = "some/prefix";
    options.store_id = 0xabcdef;
    options.start_number = start;
    options.keys = std::move(*blob::ArchiveKeys::parse(std::string(64, 'a')));
    options.pack_bytes = 8 << 20;
    auto tier = runtime_.block_on(blob::open_archive_tier(std::move(options)));
    EXPECT_TRUE(tier) << tier.error().to_string();
    return tier ? std::move(*tier) : nullptr;
  }
};

TEST_F(ProviderTierTest, PacksGoUpComeBackAndLeaveNothingBehind) {
  auto tier = open_tier(1);
  ASSERT_NE(tier, nullptr);
  std::vector<blob::TierItem> items;
  std::vector<Bytes> datas;
  for (uint64_t i = 0; i < 12; ++i) {
    datas.push_back(i % 3 == 0 ? Bytes(3 << 20, 'z') : pattern((2 << 20) + i * 1000, i));
    items.push_back(item_of(100 + i, datas.back()));
  }
  auto put = runtime_.block_on(tier->put(items));
  ASSERT_TRUE(put) << put.error().to_string();
  for (size_t i = 0; i < datas.size(); ++i) {
    auto got = runtime_.block_on(read_all(tier.get(), (*put)[i]), static_cast<unsigned>(i % 2));
    ASSERT_TRUE(got) << got.error().to_string();
    EXPECT_TRUE(*got == datas[i]);
    EXPECT_TRUE(runtime_.block_on(tier->verify((*put)[i])));
  }
  EXPECT_LT(tier->stats().disk_bytes, 20u << 20) << "what is compressible is compressed";
  EXPECT_TRUE(runtime_.block_on(tier->stop()));

  // The next start knows only what the bucket and the metadata say: here, that blobs 6 and up are live.
  tier = open_tier(2);
  auto segments = runtime_.block_on(tier->segments());
  ASSERT_TRUE(segments) << segments.error().to_string();
  EXPECT_GE(segments->size(), 2u);
  for (const auto& segment : *segments) {
    EXPECT_TRUE(segment.from_earlier_start);
    std::vector<std::pair<uint64_t, uint64_t>> live;
    for (size_t i = 6; i < put->size(); ++i) {
      if ((*put)[i].segment == segment.id) live.emplace_back((*put)[i].offset, (*put)[i].stored_bytes());
    }
    EXPECT_TRUE(runtime_.block_on(tier->reclaim(segment.id, live)));
  }
  auto again = runtime_.block_on(read_all(tier.get(), (*put)[7]));
  ASSERT_TRUE(again) << again.error().to_string();
  EXPECT_TRUE(*again == datas[7]);
  for (size_t i = 6; i < put->size(); ++i) EXPECT_TRUE(runtime_.block_on(tier->free((*put)[i])));
  EXPECT_TRUE(runtime_.block_on(tier->stop()));
  auto left = runtime_.block_on(store_->list("some/prefix", "", 100));
  ASSERT_TRUE(left) << left.error().to_string();
  EXPECT_TRUE(left->empty());
}

}  // namespace
}  // namespace tp::server
