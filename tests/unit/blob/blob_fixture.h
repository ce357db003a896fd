// BlobFixture: a blob store over a disk in memory, and the few coroutines that its tests share.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "backend/local/anonymous_memory.h"
#include "backend/memory/memory_file_system.h"
#include "blob/blob_store.h"
#include "blob/hot/segment_format.h"

namespace tp::blob {

inline Bytes pattern(size_t size, uint64_t seed = 1) {
  Bytes bytes(size, '\0');
  uint64_t state = seed * 0x9e3779b97f4a7c15ULL;
  for (char& byte : bytes) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    byte = static_cast<char>(state >> 56);
  }
  return bytes;
}

inline Task<BlobRecord> put(BlobStore* store, Bytes bytes, uint64_t limit = 0) {
  TP_CO_TRY(auto writer, co_await store->create(limit == 0 ? bytes.size() : limit));
  for (size_t start = 0; start < bytes.size(); start += kBufferBytes) {
    TP_CO_TRY(Buffer buffer, co_await store->buffers().take());
    const size_t size = std::min(kBufferBytes, bytes.size() - start);
    std::copy_n(bytes.data() + start, size, buffer.data());
    buffer.set_size(size);
    TP_CO_TRY_VOID(co_await writer->append(std::move(buffer)));
  }
  co_return co_await writer->finish();
}

inline Task<void> sync_one(BlobStore* store, BlobRecord record) {
  const std::span<const BlobRecord> one(&record, 1);
  co_return co_await store->sync(one);
}

inline Task<BlobRecord> put_durably(BlobStore* store, Bytes bytes) {
  TP_CO_TRY(BlobRecord record, co_await put(store, std::move(bytes)));
  TP_CO_TRY_VOID(co_await sync_one(store, record));
  co_return record;
}

/// [offset, offset + size) of the blob, however many reads that takes.
inline Task<Bytes> get(BlobStore* store, BlobRecord record, uint64_t offset, uint64_t size, bool fill_cache = true) {
  Bytes all;
  while (all.size() < size) {
    TP_CO_TRY(const auto region, co_await store->read(record, offset + all.size(), size - all.size(), fill_cache));
    EXPECT_GT(region.bytes.size(), 0u);
    all.append(region.bytes);
  }
  co_return all;
}
inline Task<Bytes> get(BlobStore* store, BlobRecord record) {
  return get(store, record, 0, record.length_bytes);
}

inline std::string path_of(const BlobRecord& record) {
  return "blobs/" + segment_file_name(record.segment);
}

class BlobFixture : public testing::Test {
 protected:
  BlobFixture() : runtime_({.loops = 2}) {}
  ~BlobFixture() override { close(); }

  Result<void> open(uint64_t cache_bytes = 0, uint64_t segment_bytes = 64 << 20) {
    BlobStore::Options options;
    options.files = &files_;
    options.runtime = &runtime_;
    options.start_number = ++starts_;
    options.segment_bytes = segment_bytes;
    options.store_id = 77;
    options.report = [this](const std::string& text) { reports_.push_back(text); };
    if (cache_bytes > 0) options.cache_memory = std::move(*local::AnonymousMemory::make(cache_bytes));
    TP_TRY(store_, runtime_.block_on(BlobStore::open(std::move(options))));
    return ok;
  }
  void close() {
    if (store_ != nullptr) EXPECT_TRUE(runtime_.block_on(store_->stop()));
    store_.reset();
  }
  BlobRecord must_put(Bytes bytes, unsigned loop = 0) {
    auto record = runtime_.block_on(put_durably(store_.get(), std::move(bytes)), loop);
    EXPECT_TRUE(record) << record.error().to_string();
    return record ? std::move(*record) : BlobRecord();
  }
  Result<Bytes> read_back(const BlobRecord& record, unsigned loop = 0) {
    return runtime_.block_on(get(store_.get(), record), loop);
  }

  rt::Runtime runtime_;
  memory::MemoryFileSystem files_;
  std::unique_ptr<BlobStore> store_;
  std::vector<std::string> reports_;
  uint64_t starts_ = 0;
};

}  // namespace tp::blob
