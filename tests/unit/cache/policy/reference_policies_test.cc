// LRU, FIFO and S3-FIFO against models that are as plain as the words that describe them.
#include <gtest/gtest.h>

#include <algorithm>
#include <list>
#include <map>
#include <random>

#include "cache/policy/policy.h"

namespace tp::cache {
namespace {

const std::function<bool(EntryId)> kAny = [](EntryId) { return true; };

EntryFacts facts_of(uint64_t key, uint32_t bytes = 100) {
  EntryFacts facts;
  facts.key_hash = key + 1;
  facts.bytes = bytes;
  return facts;
}

std::unique_ptr<EvictionPolicy> make(std::string_view name, bool has_flash) {
  PolicyOptions options;
  options.capacity_bytes = 100 * 100;
  options.has_flash = has_flash;
  return make_policy(name, options);
}

TEST(ReferencePolicies, NamesAreKnownAndOthersAreNot) {
  for (const std::string& name : policy_names()) {
    const auto policy = make(name, true);
    ASSERT_NE(policy, nullptr) << name;
    EXPECT_EQ(policy->name(), name);
  }
  EXPECT_EQ(make("", true), nullptr);
  EXPECT_EQ(make("LRU", true), nullptr);
  EXPECT_EQ(make("belady", true), nullptr) << "it needs the future";
}

class ListPolicy : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(All, ListPolicy, testing::Values("lru", "fifo"));

TEST_P(ListPolicy, EvictsWhatTheModelEvicts) {
  const bool moves = std::string_view(GetParam()) == "lru";
  const auto policy = make(GetParam(), false);
  std::mt19937_64 random(7);
  std::list<EntryId> model;  // oldest first
  for (unsigned step = 0; step < 20000; ++step) {
    const auto id = static_cast<EntryId>(random() % 64);
    const auto at = std::find(model.begin(), model.end(), id);
    switch (random() % 4) {
      case 0:
        if (at != model.end()) model.erase(at);
        model.push_back(id);
        policy->inserted(id, facts_of(id));
        break;
      case 1:
        if (at != model.end() && moves) model.splice(model.end(), model, at);
        policy->hit(id);  // of what is not here, too: nothing happens
        break;
      case 2:
        if (at == model.end()) break;
        model.erase(at);
        policy->removed(id, false);
        break;
      default: {
        const std::function<bool(EntryId)> odd_only = [](EntryId candidate) { return candidate % 2 == 1; };
        const auto expected = std::find_if(model.begin(), model.end(), odd_only);
        const auto victim = policy->victim(odd_only);
        ASSERT_EQ(victim.has_value(), expected != model.end()) << "step " << step;
        if (!victim) break;
        ASSERT_EQ(*victim, *expected) << "step " << step;
        policy->removed(*victim, true);
        model.erase(expected);
      }
    }
  }
}

TEST_P(ListPolicy, StagesInOrderWithoutWhatWentMeanwhile) {
  const auto policy = make(GetParam(), true);
  for (EntryId id = 0; id < 5; ++id) policy->inserted(id, facts_of(id));
  policy->removed(1, true);
  EntryFacts from_flash = facts_of(9);
  from_flash.on_flash = true;
  policy->inserted(9, from_flash);
  EXPECT_EQ(policy->next_staged(), 0u);
  policy->staged_done(0);
  policy->replaced(0, 50);
  EXPECT_EQ(policy->next_staged(), 2u);
  EXPECT_EQ(policy->next_staged(), 3u);
  EXPECT_EQ(policy->next_staged(), 4u);
  EXPECT_EQ(policy->next_staged(), 0u) << "its new value is to be written";
  EXPECT_EQ(policy->next_staged(), std::nullopt);
}

// The paper's algorithm with queues of keys, 10 entries of 100 in the small queue.
class S3Model {
 public:
  void request(uint64_t key) {
    if (const auto found = uses_.find(key); found != uses_.end()) {
      found->second = std::min(found->second + 1, 3u);
      return;
    }
    if (uses_.size() == 100) evict();
    const auto ghost = std::find(ghosts_.begin(), ghosts_.end(), key);
    (ghost != ghosts_.end() ? main_ : small_).push_back(key);
    uses_[key] = 0;
  }
  bool has(uint64_t key) const { return uses_.contains(key); }

 private:
  void evict() {
    if (small_.size() >= 10 && evict_small()) return;
    while (true) {
      const uint64_t key = main_.front();
      main_.pop_front();
      if (uses_[key] == 0) {
        uses_.erase(key);
        return;
      }
      --uses_[key];
      main_.push_back(key);
    }
  }
  bool evict_small() {
    while (!small_.empty()) {
      const uint64_t key = small_.front();
      small_.pop_front();
      if (uses_[key] > 1) {
        uses_[key] = 0;
        main_.push_back(key);
        continue;
      }
      uses_.erase(key);
      ghosts_.push_back(key);
      while (ghosts_.size() > main_.size()) ghosts_.pop_front();
      return true;
    }
    return false;
  }
  std::list<uint64_t> small_, main_, ghosts_;
  std::map<uint64_t, unsigned> uses_;
};

TEST(S3Fifo, KeepsWhatTheModelKeeps) {
  const auto policy = make("s3fifo", false);
  S3Model model;
  std::mt19937_64 random(11);
  std::map<uint64_t, EntryId> here;
  std::vector<uint64_t> key_of(100);
  std::vector<EntryId> unused;
  for (EntryId id = 0; id < 100; ++id) unused.push_back(id);
  uint64_t hits = 0;
  for (unsigned step = 0; step < 50000; ++step) {
    const double draw = static_cast<double>(random() >> 11) * 0x1p-53;
    const auto key = static_cast<uint64_t>(400 * draw * draw * draw);
    ASSERT_EQ(here.contains(key), model.has(key)) << "step " << step << " key " << key;
    if (const auto found = here.find(key); found != here.end()) {
      policy->hit(found->second);
      ++hits;
    } else {
      if (unused.empty()) {
        const auto victim = policy->victim(kAny);
        ASSERT_TRUE(victim);
        policy->removed(*victim, true, key_of[*victim] + 1);
        here.erase(key_of[*victim]);
        unused.push_back(*victim);
      }
      const EntryId id = unused.back();
      unused.pop_back();
      key_of[id] = key;
      here[key] = id;
      policy->inserted(id, facts_of(key));
    }
    model.request(key);
  }
  EXPECT_GT(hits, 20000u);
}

TEST(S3Fifo, WritesToFlashWhatWasUsedOrIsRemembered) {
  const auto policy = make("s3fifo", true);
  policy->inserted(0, facts_of(0));
  policy->inserted(1, facts_of(1));
  policy->hit(1);
  policy->hit(1);
  EXPECT_FALSE(policy->worth_flash(*policy->next_staged()));
  const EntryId used = *policy->next_staged();
  EXPECT_TRUE(policy->worth_flash(used));
  policy->staged_done(used);
  policy->removed(0, true, 1);
  policy->inserted(0, facts_of(0));
  EXPECT_TRUE(policy->worth_flash(0)) << "its ghost is remembered";
  EXPECT_EQ(policy->victim(kAny), used);
}

}  // namespace
}  // namespace tp::cache
