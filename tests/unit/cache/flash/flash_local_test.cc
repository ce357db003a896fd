// The flash log over the local directory: direct I/O, reserved space, holes and fdatasync for real; how long a start
// takes. TP_FLASH_RECORDS sets the number of records; the disabled test measures throughput and latency.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "backend/local/uring_file_system.h"
#include "cache/flash/io_buffer.h"
#include "flash_fixture.h"
#include "rt/await.h"

namespace tp::cache {
namespace {

using SteadyClock = std::chrono::steady_clock;

double seconds_since(SteadyClock::time_point start) {
  return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

class FlashLocalTest : public testing::Test {
 protected:
  FlashLocalTest() : runtime_({.loops = 2}) {
    root_ = std::filesystem::temp_directory_path() / "tp_flash_XXXXXX";
    EXPECT_NE(mkdtemp(root_.data()), nullptr);
    files_ = std::move(*local::UringFileSystem::open({.root = root_, .runtime = &runtime_}));
  }
  ~FlashLocalTest() override {
    if (log_ != nullptr) EXPECT_TRUE(runtime_.block_on(log_->close()));
    log_.reset();
    files_.reset();
    std::filesystem::remove_all(root_);
  }
  void open(const FlashLog::Recovered& recovered, uint32_t segment_bytes = 64 << 20) {
    if (log_ != nullptr) ASSERT_TRUE(runtime_.block_on(log_->close()));
    log_.reset();
    FlashLog::Options options;
    options.files = files_.get();
    options.clock = &runtime_.clock();
    options.directory = "cache/7";
    options.capacity_bytes = 64ull << 30;
    options.segment_bytes = segment_bytes;
    auto opened = runtime_.block_on(FlashLog::open(std::move(options), recovered));
    ASSERT_TRUE(opened) << opened.error().to_string();
    log_ = std::move(*opened);
  }

  std::string root_;
  rt::Runtime runtime_;
  std::unique_ptr<local::UringFileSystem> files_;
  std::unique_ptr<FlashLog> log_;
};

const FlashLog::Recovered kIgnore = [](const RecordHead&, FlashPlace) { return true; };

TEST_F(FlashLocalTest, ValuesSurviveARestart) {
  open(kIgnore, 4 << 20);
  std::vector<Put> puts;
  const size_t sizes[] = {0, 1, 63, 64, 65, 4096, 1 << 20, (9 << 20) + 1, 1'500'000, 65'536};
  for (int round = 0; round < 3; ++round) {
    for (const size_t size : sizes) {
      puts.push_back(entry(puts.size() + 1, size));
      auto placed = runtime_.block_on(append_to(log_.get(), &puts.back()));
      ASSERT_TRUE(placed) << placed.error().to_string();
      puts.back().place = *placed;
    }
  }
  for (int round = 0; round < 2; ++round) {
    for (const Put& put : puts) {
      const auto size = static_cast<uint32_t>(put.value.size());
      const auto value = runtime_.block_on(log_->read(put.place, put.space, put.key, size), put.sequence % 2);
      ASSERT_TRUE(value) << value.error().to_string();
      EXPECT_TRUE(value->view() == put.value) << put.sequence;
    }
    size_t found = 0;
    open([&found](const RecordHead&, FlashPlace) { return ++found > 0; }, 4 << 20);
    EXPECT_EQ(found, puts.size());
  }
  for (const FlashLog::SegmentInfo& info : log_->segments()) ASSERT_TRUE(runtime_.block_on(log_->drop(info.number)));
  EXPECT_EQ(log_->stats().bytes, 0u);
  EXPECT_TRUE(std::filesystem::is_empty(std::filesystem::path(root_) / "cache/7"));
}

Task<void> fill(FlashLog* log, uint64_t records, size_t size, std::vector<FlashPlace>* places) {
  const Value value = Value::copy_of(flash_pattern(size, 1));
  const Bytes space(kSpaceKeyBytes, 's');
  for (uint64_t i = 0; i < records; ++i) {
    const Bytes key = "conversation/block/" + std::to_string(i);
    RecordHead head;
    head.sequence = i + 1;
    head.space = space;
    head.key = key;
    head.tokens = 16;
    head.parent_hash = i;
    TP_CO_TRY(const FlashPlace place, co_await log->append(head, value));
    places->push_back(place);
  }
  co_return co_await log->flush();
}

TEST_F(FlashLocalTest, AStartReadsTablesAndNotValues) {
  const char* wanted = std::getenv("TP_FLASH_RECORDS");
  const uint64_t records = wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 100'000;
  open(kIgnore);
  std::vector<FlashPlace> places;
  const auto filling = SteadyClock::now();
  ASSERT_TRUE(runtime_.block_on(fill(log_.get(), records, 1024, &places)));
  const double filled = seconds_since(filling);
  const uint64_t written = log_->stats().written_bytes;
  ASSERT_TRUE(runtime_.block_on(log_->close()));
  log_.reset();
  uint64_t found = 0;
  uint64_t key_bytes = 0;
  const auto start = SteadyClock::now();
  open([&](const RecordHead& head, FlashPlace) {
    ++found;
    key_bytes += head.key.size();
    return true;
  });
  const double took = seconds_since(start);
  EXPECT_EQ(found, records);
  std::cout << records << " records of 1 KiB: appended in " << filled << " s (" << written << " bytes), recovered in "
            << took << " s: " << took * 1e6 / static_cast<double>(records) << " s per million\n";
  // What is promised, where it is measured; elsewhere the machine may be busy and the build instrumented.
  EXPECT_LT(took * 1e6 / static_cast<double>(records), wanted != nullptr ? 2.0 : 40.0);
}

Task<void> read_some(FlashLog* log, const std::vector<FlashPlace>* places, uint64_t first, uint64_t step,
                     uint64_t count, uint32_t size, std::vector<double>* latencies) {
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t index = (first + i * step) % places->size();
    const auto start = SteadyClock::now();
    auto value = co_await log->read((*places)[index], Bytes(kSpaceKeyBytes, 's'),
                                    "conversation/block/" + std::to_string(index), size);
    if (!value) co_return std::unexpected(std::move(value).error());
    latencies->push_back(seconds_since(start));
  }
  co_return ok;
}

Task<void> read_raw(io::File* file, uint64_t blocks, uint64_t first, uint64_t step, uint64_t count, size_t size,
                    std::vector<double>* latencies) {
  const IoBuffer buffer = IoBuffer::allocate(size);
  for (uint64_t i = 0; i < count; ++i) {
    const auto start = SteadyClock::now();
    TP_CO_TRY_VOID(co_await file->read_at((first + i * step) % blocks * size, buffer.first(size)));
    latencies->push_back(seconds_since(start));
  }
  co_return ok;
}

template <class Make>
Task<void> side_by_side(unsigned depth, Make make) {
  rt::TaskGroup group;
  for (unsigned i = 0; i < depth; ++i) group.spawn(make(i));
  co_await group.join();
  co_return ok;
}

void report(const std::string& what, std::vector<double>& latencies, double took, size_t size) {
  std::ranges::sort(latencies);
  const auto count = static_cast<double>(latencies.size());
  std::cout << what << ": " << count / took << "/s, " << count * static_cast<double>(size) / took / 1e9 << " GB/s, p50 "
            << latencies[latencies.size() / 2] * 1e6 << " us, p99 " << latencies[latencies.size() * 99 / 100] * 1e6
            << " us\n";
}

TEST_F(FlashLocalTest, DISABLED_Throughput) {
  struct Case {
    size_t size;
    uint64_t records, reads;
  };
  for (const auto& [size, records, reads] :
       {Case{1024, 1'000'000, 20'000}, Case{65'536, 40'000, 8000}, Case{1 << 20, 2048, 1024}, Case{64 << 20, 24, 16}}) {
    open(kIgnore);
    std::vector<FlashPlace> places;
    const auto filling = SteadyClock::now();
    ASSERT_TRUE(runtime_.block_on(fill(log_.get(), records, size, &places)));
    const double filled = seconds_since(filling);
    std::cout << size << " bytes: appended " << static_cast<double>(records) / filled << "/s, "
              << static_cast<double>(records * size) / filled / 1e9 << " GB/s\n";
    for (const unsigned depth : {1u, 16u}) {
      std::vector<double> latencies;
      auto start = SteadyClock::now();
      auto make = [&](unsigned i) {
        return read_some(log_.get(), &places, i * 7919, 104'729, reads / depth, static_cast<uint32_t>(size),
                         &latencies);
      };
      ASSERT_TRUE(runtime_.block_on(side_by_side(depth, make)));
      report("  read, depth " + std::to_string(depth), latencies, seconds_since(start), size);
      latencies.clear();
      const size_t raw_size = std::max<size_t>(size, 4096);
      const std::string name = "cache/7/" + segment_file_name(places.front().segment);
      auto file = runtime_.block_on(files_->open(name, io::OpenMode::kRead, io::Caching::kDirect));
      ASSERT_TRUE(file);
      const uint64_t blocks = std::max<uint64_t>(1, *(*file)->size() / raw_size);
      start = SteadyClock::now();
      auto raw = [&](unsigned i) {
        return read_raw(file->get(), blocks, i * 7919, 104'729, reads / depth, raw_size, &latencies);
      };
      ASSERT_TRUE(runtime_.block_on(side_by_side(depth, raw)));
      report("  raw,  depth " + std::to_string(depth), latencies, seconds_since(start), raw_size);
    }
    for (const FlashLog::SegmentInfo& info : log_->segments()) (void)runtime_.block_on(log_->drop(info.number));
  }
}

}  // namespace
}  // namespace tp::cache
