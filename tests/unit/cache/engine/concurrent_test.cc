// Several loops at once: each has keys of its own, of which it knows exactly what they hold, and reads the others',
// whose values must be whole and theirs. For the thread sanitizer as much as for itself.
#include <map>

#include "engine_fixture.h"
#include "rt/await.h"
#include "rt/task_group.h"

namespace tp::cache {
namespace {

constexpr unsigned kLoops = 4, kKeysEach = 60;

struct ValueHead {
  uint32_t key = 0, size = 0;
  uint64_t seed = 0;
};

Value self_telling(uint32_t key, uint64_t seed, uint32_t size) {
  Value value = make_value(seed, size);
  const ValueHead head{key, size, seed};
  std::memcpy(value.fill().data(), &head, sizeof head);
  return value;
}

bool is_whole(BytesView bytes, uint32_t key) {
  ValueHead head;
  if (bytes.size() < sizeof head) return false;
  std::memcpy(&head, bytes.data(), sizeof head);
  return head.key == key && head.size == bytes.size() && bytes == self_telling(key, head.seed, head.size).view();
}

class Concurrent : public EngineFixture {
 protected:
  Concurrent() : EngineFixture(kLoops) {}

  static std::string name(uint32_t key) { return "key-" + std::to_string(key); }

  Task<void> put_own(uint32_t key, uint64_t seed, uint32_t size) {
    const std::string text = name(key);
    for (int tries = 0; tries < 100; ++tries) {
      const auto done = put(space_, text, self_telling(key, seed, size));
      if (done) {
        own_[key % kLoops][key] = seed;
        co_return ok;
      }
      EXPECT_EQ(done.error().code, Code::kBusy) << done.error().to_string();
      (void)co_await volume_->room(size + 4096);
    }
    ADD_FAILURE() << "no room in a hundred tries";
    co_return ok;
  }

  Task<void> get_any(uint32_t key, unsigned worker) {
    const std::string text = name(key);
    auto found = volume_->get_now(*space_, text);
    if (!found && found.error().code == Code::kWouldBlock) found = co_await volume_->get(*space_, text);
    if (found) EXPECT_TRUE(is_whole(found->value.view(), key));
    if (key % kLoops != worker) co_return ok;
    const auto own = own_[worker].find(key);
    const bool there = own != own_[worker].end();
    if (!evicts_) EXPECT_EQ(found.has_value(), there) << key;
    if (!found) co_return ok;
    EXPECT_TRUE(there) << key;
    if (there) EXPECT_TRUE(found->value.view() == self_telling(key, own->second, found->value.size()).view()) << key;
    co_return ok;
  }

  void look_around(rt::Rng& random) {
    std::vector<std::string> names;
    std::vector<BytesView> keys;
    for (int i = 0; i < 8; ++i) names.push_back(name(static_cast<uint32_t>(random.below(kLoops * kKeysEach))));
    for (const std::string& one : names) keys.push_back(one);
    volume_->prefetch(*space_, keys);
    if (random.below(2) == 0) {
      const auto section = volume_->read_section(*space_, keys);
      for (const BytesView key : keys) {
        const auto found = section->find(key);
        if (found && found->value) section->count_hit(key, *found);
      }
      return;
    }
    (void)volume_->prefix(*space_, keys, 100, std::nullopt);
    uint64_t cursor = random.below(2) == 0 ? 0 : random.next() % (uint64_t{64} << 24);
    (void)volume_->scan(*space_, &cursor, 10);
    (void)volume_->random_key(*space_);
    (void)volume_->stats();
  }

  Task<void> work(unsigned worker, uint64_t operations) {
    co_await rt::resume_on(runtime_.loop(worker));
    rt::Rng random(worker + 1);
    for (uint64_t i = 0; i < operations; ++i) {
      const auto mine = static_cast<uint32_t>(random.below(kKeysEach)) * kLoops + worker;
      const auto any = static_cast<uint32_t>(random.below(kLoops * kKeysEach));
      const uint64_t what = random.below(100);
      if (what < 45) {
        (void)co_await get_any(any, worker);
      } else if (what < 80) {
        (void)co_await put_own(mine, random.next(), static_cast<uint32_t>(16 + random.below(20'000)));
      } else if (what < 88) {
        erase(name(mine));
        own_[worker].erase(mine);
      } else if (what < 94) {
        look_around(random);
      } else if (what < 96) {
        const auto watch = volume_->watch(*space_, name(any));
        if (watch) (void)(*watch)->changed();
      } else if (what < 98) {
        pin(name(mine), random.below(2) == 0);
      } else {
        (void)co_await volume_->flush_step();
        volume_->sweep();
      }
      if (i % 16 == 0) co_await rt::yield();
    }
    co_await rt::resume_on(runtime_.loop(0));
    co_return ok;
  }

  Task<void> work_all(uint64_t operations) {
    rt::TaskGroup group;
    for (unsigned worker = 0; worker < kLoops; ++worker) group.spawn(work(worker, operations));
    co_await group.join();
    co_return ok;
  }

  bool evicts_ = false;
  std::array<std::map<uint32_t, uint64_t>, kLoops> own_;
};

TEST_F(Concurrent, in_dram) {
  open();
  ASSERT_TRUE(run(work_all(3000)));
}

TEST_F(Concurrent, with_flash) {
  settings_.capacity_bytes = 64 << 20;
  settings_.dram_bytes = 1 << 20;
  open();
  ASSERT_TRUE(run(work_all(3000)));
  reopen();
  for (unsigned worker = 0; worker < kLoops; ++worker) {
    for (uint32_t key = worker; key < kLoops * kKeysEach; key += kLoops) ASSERT_TRUE(run(get_any(key, worker)));
  }
}

TEST_F(Concurrent, under_eviction) {
  evicts_ = true;
  settings_.capacity_bytes = 2 << 20;
  settings_.dram_bytes = 256 << 10;
  settings_.policy = "prefix";
  open();
  ASSERT_TRUE(run(work_all(3000)));
  EXPECT_GT(ledger().evictions, 0u);
}

}  // namespace
}  // namespace tp::cache
