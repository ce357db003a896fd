// How many lookups and writes a volume does; for people to read. TP_CACHE_OPS raises the number.
#include <chrono>
#include <cstdlib>

#include "engine_fixture.h"
#include "rt/await.h"
#include "rt/task_group.h"

namespace tp::cache {
namespace {

constexpr unsigned kKeys = 100'000;

class Throughput : public EngineFixture {
 protected:
  Throughput() : EngineFixture(2) {
    settings_.dram_bytes = 1 << 30;
    settings_.policy = "prefix";
    for (unsigned i = 0; i < kKeys; ++i) names_.push_back("key:" + std::to_string(1'000'000 + i));
    const char* const text = std::getenv("TP_CACHE_OPS");
    operations_ = text == nullptr ? 50'000 : std::strtoull(text, nullptr, 10);
  }

  Task<void> work(unsigned worker, bool writes) {
    co_await rt::resume_on(runtime_.loop(worker));
    rt::Rng random(worker + 1);
    for (uint64_t i = 0; i < operations_; ++i) {
      const std::string& key = names_[random.below(kKeys)];
      if (writes) {
        EXPECT_TRUE(put(space_, key, value_));
      } else {
        EXPECT_TRUE(volume_->get_now(*space_, key));
      }
    }
    co_await rt::resume_on(runtime_.loop(0));
    co_return ok;
  }
  Task<void> work_all(unsigned workers, bool writes) {
    rt::TaskGroup group;
    for (unsigned worker = 0; worker < workers; ++worker) group.spawn(work(workers - 1 - worker, writes));
    co_await group.join();
    co_return ok;
  }
  void measure(const char* what, unsigned workers, bool writes) {
    const auto start = std::chrono::steady_clock::now();
    ASSERT_TRUE(run(work_all(workers, writes)));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    std::printf("%s, %u loops: %.2f M/s\n", what, workers,
                static_cast<double>(operations_) * workers / took.count() / 1e6);
  }

  std::vector<std::string> names_;
  Value value_ = make_value(1, 1024);
  uint64_t operations_ = 0;
};

TEST_F(Throughput, of_lookups_and_writes) {
  open();
  for (const std::string& name : names_) ASSERT_TRUE(put(space_, name, value_));
  for (const unsigned workers : {1u, 2u}) {
    measure("get_now", workers, false);
    measure("put", workers, true);
  }
}

TEST_F(Throughput, of_a_start) {
  settings_.capacity_bytes = 1 << 30;
  settings_.dram_bytes = 64 << 20;
  open();
  const uint64_t entries = std::min<uint64_t>(operations_, 1'000'000);
  for (uint64_t i = 0; i < entries; ++i) {
    const std::string key = "block-hash-" + std::to_string(i);
    if (put(key, "value")) continue;
    ASSERT_TRUE(run(volume_->room(1 << 20)));
    ASSERT_TRUE(put(key, "value"));
  }
  close();
  const auto start = std::chrono::steady_clock::now();
  open();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(volume_->size(*space_), entries);
  std::printf("a start: %.2f s a million entries\n", took.count() / static_cast<double>(entries) * 1e6);
}

}  // namespace
}  // namespace tp::cache
