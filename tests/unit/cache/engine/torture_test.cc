// Random operations against a model, with crashes, clean restarts, flipped bits, a full disk and other identities. The
// one thing that must always hold: a hit has the bytes of the newest put of that key in that space. TP_CACHE_OPS raises
// the number of operations, TP_CACHE_SEED chooses others.
#include <cstdlib>
#include <map>
#include <set>

#include "engine_fixture.h"

namespace tp::cache {
namespace {

uint64_t from_environment(const char* name, uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// What a key may hold. After a crash also something older is right: what it held when it was last known to be durable,
/// or anything since.
struct Expected {
  uint64_t seed = 0;       // of the value; 0: none
  uint32_t size = 0;
  int64_t expires_ms = 0;
  bool operator<(const Expected& other) const {
    return std::tie(seed, size, expires_ms) < std::tie(other.seed, other.size, other.expires_ms);
  }
};

struct Shape {
  uint64_t capacity = 0, dram = 16 << 20;
  uint32_t keys = 400;
  uint32_t most_bytes = 20'000;
  bool evicts = false, crashes = false, flips = false, full_disk = false;
  std::string policy = "lru";
};

class Torture : public EngineFixture {
 protected:
  static constexpr unsigned kSpaces = 3;
  using Key = std::pair<unsigned, unsigned>;  // space, key

  void start(const Shape& shape) {
    shape_ = shape;
    settings_.capacity_bytes = shape.capacity;
    settings_.dram_bytes = shape.dram;
    settings_.policy = shape.policy;
    seed_ = from_environment("TP_CACHE_SEED", 20'240'601);
    random_ = std::make_unique<rt::Rng>(seed_);
    open();
    open_spaces();
  }
  void open_spaces() {
    spaces_ = {open_space("llama", "alice"), open_space("mistral", "alice"), open_space("llama", "bob")};
  }
  std::string name(unsigned key) const { return std::string(1 + key % 60, 'k') + std::to_string(key); }
  bool past(const Expected& one) const { return one.expires_ms != 0 && one.expires_ms <= now_ms(); }

  void set(const Key& key, const Expected& value) {
    model_[key] = value;
    if (!shape_.crashes) return;
    std::vector<Expected>& held = since_durable_[key];
    if (held.empty()) held.push_back(Expected());  // it was not there
    held.push_back(value);
  }
  void durable() {
    since_durable_.clear();
    for (const auto& [key, value] : model_) since_durable_[key] = {value};
  }

  void put_one(const Key& key) {
    Expected value;
    value.seed = ++values_;
    value.size = static_cast<uint32_t>(random_->below(random_->below(8) == 0 ? shape_.most_bytes : 300));
    PutOptions options;
    if (random_->below(10) == 0) options.expires_ms = value.expires_ms = now_ms() + 1 + random_->below(20'000);
    options.tokens = static_cast<uint32_t>(random_->below(1000));
    const std::string text = name(key.second);
    auto done = put(spaces_[key.first], text, make_value(value.seed, value.size), options);
    if (!done && done.error().code == Code::kBusy) {
      const auto room = run(volume_->room(value.size + 4096));
      EXPECT_TRUE(room) << room.error().to_string();
      done = put(spaces_[key.first], text, make_value(value.seed, value.size), options);
    }
    EXPECT_TRUE(done) << done.error().to_string();
    if (done) set(key, value);
  }

  void check_one(const Key& key) {
    const auto found = get(spaces_[key.first], name(key.second));
    const auto model = model_.find(key);
    const bool there = model != model_.end() && model->second.seed != 0 && !past(model->second);
    if (!found) {
      if (there && !forgets()) ADD_FAILURE() << "forgotten: " << describe(key);
      // An evicted entry may come back at a restart, as what it was; what was lost otherwise may not.
      if (there && !shape_.evicts) model_[key] = Expected();
      return;
    }
    ++hits_;
    EXPECT_TRUE(there) << "came back: " << describe(key);
    if (!there) return;
    EXPECT_TRUE(*found == make_value(model->second.seed, model->second.size).view()) << "wrong: " << describe(key);
  }
  bool forgets() const { return shape_.evicts || shape_.flips || shape_.full_disk; }
  std::string describe(const Key& key) const {
    return "space " + std::to_string(key.first) + " key " + std::to_string(key.second) + " operation " +
           std::to_string(operation_) + " seed " + std::to_string(seed_);
  }

  void step() {
    const Key key{static_cast<unsigned>(random_->below(kSpaces)), static_cast<unsigned>(random_->below(shape_.keys))};
    const std::string text = name(key.second);
    Space& space = *spaces_[key.first];
    const BytesView view = text;
    const uint64_t what = random_->below(1000);
    if (what < 400) {
      check_one(key);
    } else if (what < 800) {
      put_one(key);
    } else if (what < 900) {
      const bool erased = volume_->write_section(space, {&view, 1})->erase(view);
      const auto model = model_.find(key);
      const bool there = model != model_.end() && model->second.seed != 0 && !past(model->second);
      EXPECT_TRUE(!erased || there) << describe(key);
      EXPECT_TRUE(erased || !there || forgets()) << describe(key);
      set(key, Expected());
    } else if (what < 940) {
      const int64_t expires_ms = random_->below(3) == 0 ? 0 : now_ms() + 1 + static_cast<int64_t>(random_->below(9000));
      if (volume_->write_section(space, {&view, 1})->set_expiry(view, expires_ms)) {
        Expected changed = model_[key];
        changed.expires_ms = expires_ms;
        set(key, changed);
      }
    } else if (what < 980) {
      clock_.advance(static_cast<rt::Nanos>(random_->below(200)) * rt::kMillisecond);
      volume_->sweep();
      (void)run(volume_->flush_step());
    } else if (what < 995) {
      EXPECT_TRUE(run(volume_->flush_all()) || shape_.full_disk);
      if (!shape_.full_disk) durable();
    } else if (what < 996) {
      clear_one(key.first);
    } else if (what == 996) {
      restart();
    } else if (what == 997 && shape_.crashes) {
      crash();
    } else if (what == 998 && shape_.flips) {
      flip();
    } else if (what == 999 && shape_.full_disk) {
      fill_disk();
    }
  }
  void clear_one(unsigned space) {
    if (random_->below(4) != 0) return;
    EXPECT_TRUE(run(volume_->clear(*spaces_[space])));
    for (unsigned key = 0; key < shape_.keys; ++key) set({space, key}, Expected());
  }
  void restart() {
    if (random_->below(4) != 0) return;
    files_.set_plan({});
    clock_.advance(2 * rt::kSecond);
    reopen();
    open_spaces();
    durable();
    ++restarts_;
  }
  void crash() {
    EngineFixture::crash(random_->next());
    open_spaces();
    ++restarts_;
    // Each key holds one of what it held since it was last durable: that is what holds from here on.
    for (unsigned space = 0; space < kSpaces; ++space) {
      for (unsigned key = 0; key < shape_.keys; ++key) settle_after_crash({space, key});
    }
    durable();
  }
  void settle_after_crash(const Key& key) {
    const auto found = get(spaces_[key.first], name(key.second));
    const auto candidates = since_durable_.find(key);
    if (candidates == since_durable_.end()) {
      EXPECT_FALSE(found) << "never was: " << describe(key);
      return;
    }
    for (auto one = candidates->second.rbegin(); one != candidates->second.rend(); ++one) {
      const bool there = one->seed != 0 && !past(*one);
      if (there != found.has_value()) continue;
      if (there && *found != make_value(one->seed, one->size).view()) continue;
      model_[key] = *one;
      if (!found) return;
      const BytesView text = name_of(key);
      const auto seen = volume_->read_section(*spaces_[key.first], {&text, 1})->find(text);
      if (seen) model_[key].expires_ms = seen->expires_ms;
      return;
    }
    EXPECT_TRUE(!found && forgets()) << "neither old nor new after a crash: " << describe(key);
    model_[key] = Expected();
  }
  BytesView name_of(const Key& key) { return text_ = name(key.second); }
  void flip() {
    const auto names = run(files_.list("cache/7"));
    if (!names || names->empty()) return;
    const std::string& file = (*names)[random_->below(names->size())];
    if (!file.starts_with("seg-")) return;
    files_.flip_bit("cache/7/" + file, 4096 + random_->below(1 << 18), static_cast<unsigned>(random_->below(8)));
  }
  void fill_disk() {
    if (disk_full_) {
      files_.set_plan({});
      clock_.advance(2 * rt::kSecond);
    } else {
      memory::FaultPlan plan;
      plan.fail_at = 1 + random_->below(5);
      plan.and_all_after = true;
      plan.only_writes = true;
      plan.partial_write = true;
      plan.code = Code::kNoSpace;
      files_.set_plan(plan);
    }
    disk_full_ = !disk_full_;
  }

  void torture(const Shape& shape, uint64_t share) {
    start(shape);
    const uint64_t operations = from_environment("TP_CACHE_OPS", 200'000) / share;
    for (operation_ = 0; operation_ < operations && !HasFailure(); ++operation_) step();
    for (unsigned space = 0; space < kSpaces; ++space) {
      for (unsigned key = 0; key < shape_.keys && !HasFailure(); ++key) check_one({space, key});
    }
    EXPECT_GT(hits_, operations / 20);
    files_.set_plan({});
  }

  Shape shape_;
  uint64_t seed_ = 0, values_ = 0, operation_ = 0, hits_ = 0, restarts_ = 0;
  bool disk_full_ = false;
  std::unique_ptr<rt::Rng> random_;
  std::vector<Space*> spaces_;
  std::map<Key, Expected> model_;
  std::map<Key, std::vector<Expected>> since_durable_;
  std::string text_;
};

TEST_F(Torture, in_dram_all_that_was_put_is_there) {
  // No flash: a restart would forget all, so none happens.
  Shape shape;
  shape.keys = 200;
  shape.most_bytes = 5000;
  start(shape);
  const uint64_t operations = from_environment("TP_CACHE_OPS", 200'000) / 4;
  for (operation_ = 0; operation_ < operations && !HasFailure(); ++operation_) {
    const Key key{static_cast<unsigned>(random_->below(kSpaces)), static_cast<unsigned>(random_->below(shape_.keys))};
    random_->below(2) == 0 ? check_one(key) : put_one(key);
    if (operation_ % 100 == 0) clock_.advance(100 * rt::kMillisecond);
    if (operation_ % 1000 == 0) volume_->sweep();
  }
  EXPECT_EQ(ledger().evictions, 0u);
}

TEST_F(Torture, on_flash_all_that_was_put_is_there_over_restarts) {
  Shape shape;
  shape.capacity = 64 << 20;
  shape.dram = 1 << 20;
  torture(shape, 8);
  EXPECT_EQ(ledger().evictions, 0u);
}

TEST_F(Torture, over_crashes_a_key_holds_what_it_held_in_the_last_second) {
  Shape shape;
  shape.capacity = 64 << 20;
  shape.dram = 1 << 20;
  shape.keys = 100;
  shape.crashes = true;
  torture(shape, 8);
}

TEST_F(Torture, under_eviction_a_hit_is_the_newest_put) {
  Shape shape;
  shape.capacity = 3 << 20;
  shape.dram = 512 << 10;
  shape.keys = 800;
  shape.evicts = true;
  torture(shape, 8);
  EXPECT_GT(ledger().evictions, 100u);
}

TEST_F(Torture, flipped_bits_are_misses) {
  Shape shape;
  shape.capacity = 8 << 20;
  shape.dram = 128 << 10;
  shape.flips = true;
  torture(shape, 8);
}

TEST_F(Torture, a_disk_that_is_full_from_time_to_time_costs_entries_alone) {
  Shape shape;
  shape.capacity = 8 << 20;
  shape.dram = 1 << 20;
  shape.evicts = shape.full_disk = true;  // what DRAM had to drop
  torture(shape, 8);
}

}  // namespace
}  // namespace tp::cache
