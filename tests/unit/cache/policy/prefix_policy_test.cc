// Invariants of the default policy under random calls, what it learns, and what it costs.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <set>

#include "cache/policy/policy.h"

namespace tp::cache {
namespace {

constexpr uint32_t kBytes = 4096;
const std::function<bool(EntryId)> kAny = [](EntryId) { return true; };

EntryFacts facts_of(uint64_t key, EntryId parent = kNoEntry, uint32_t first_token = 0) {
  EntryFacts facts;
  facts.key_hash = (key + 1) * 0x9E3779B97F4A7C15u;
  facts.bytes = kBytes;
  facts.tokens = 16;
  facts.first_token = first_token;
  facts.parent = parent;
  return facts;
}

std::unique_ptr<EvictionPolicy> make(uint64_t capacity_entries, bool has_flash = false) {
  PolicyOptions options;
  options.capacity_bytes = capacity_entries * kBytes;
  options.has_flash = has_flash;
  return make_policy("prefix", options);
}

TEST(PrefixPolicy, EvictsAChainFromItsEnd) {
  const auto policy = make(100);
  for (EntryId id = 0; id < 50; ++id) policy->inserted(id, facts_of(id, id == 0 ? kNoEntry : id - 1, id * 16));
  for (EntryId expected = 50; expected-- > 0;) {
    const auto victim = policy->victim(kAny);
    ASSERT_EQ(victim, expected);
    policy->removed(*victim, true, expected);
  }
  EXPECT_EQ(policy->victim(kAny), std::nullopt);
}

// A tree of chains with deletions in the middle, reused ids, links learned late, and entries that may not go.
TEST(PrefixPolicy, NeverEvictsAParentBeforeItsChildrenThatMayGo) {
  std::mt19937_64 random(3);
  const auto policy = make(200, true);
  struct Model {
    bool live = false, pinned = false;
    EntryId parent = kNoEntry;
    std::set<EntryId> children;
  };
  std::vector<Model> model(200);
  const auto remove = [&](EntryId id, bool evicted) {
    Model& gone = model[id];
    if (gone.parent != kNoEntry) model[gone.parent].children.erase(id);
    for (const EntryId child : gone.children) model[child].parent = kNoEntry;
    gone = {};
    policy->removed(id, evicted, id + 1);
  };
  uint64_t victims = 0;
  for (unsigned step = 0; step < 100000; ++step) {
    const auto id = static_cast<EntryId>(random() % model.size()),
               other = static_cast<EntryId>(random() % model.size());
    switch (random() % 6) {
      case 0:
      case 1:
        if (model[id].live) break;
        model[id].live = true;
        model[id].pinned = random() % 8 == 0;
        model[id].parent = model[other].live && id != other ? other : kNoEntry;
        if (model[id].parent != kNoEntry) model[other].children.insert(id);
        policy->inserted(id, facts_of(random() % 1000, model[id].parent));
        break;
      case 2:
        policy->hit(id);
        if (const auto staged = policy->next_staged()) {
          ASSERT_TRUE(model[*staged].live);
          policy->worth_flash(*staged);
          policy->staged_done(*staged);
        }
        break;
      case 3:
        if (model[id].live && random() % 16 == 0) remove(id, false);
        break;
      case 4: {
        // Only what has no chain yet is linked, below what is not its own descendant.
        if (!model[id].live || !model[other].live || id == other || model[id].parent != kNoEntry) break;
        if (!model[id].children.empty()) break;
        policy->linked(id, other, 16);
        model[id].parent = other;
        model[other].children.insert(id);
        break;
      }
      default: {
        const auto victim = policy->victim([&](EntryId candidate) {
          EXPECT_TRUE(model[candidate].live) << "asked about an entry that is gone";
          return !model[candidate].pinned;
        });
        if (!victim) break;
        ++victims;
        ASSERT_TRUE(model[*victim].live);
        ASSERT_FALSE(model[*victim].pinned);
        ASSERT_TRUE(model[*victim].children.empty()) << "step " << step << ": it has children here";
        remove(*victim, true);
      }
    }
  }
  EXPECT_GT(victims, 5000u);
}

TEST(PrefixPolicy, FindsTheFewThatMayGoAndGivesUpInBoundedTime) {
  const auto policy = make(100'000);
  for (EntryId id = 0; id < 100'000; ++id) policy->inserted(id, facts_of(id));
  uint64_t asked = 0;
  EXPECT_EQ(policy->victim([&](EntryId) { return ++asked, false; }), std::nullopt);
  EXPECT_LT(asked, 5000u);
  EXPECT_GT(asked, 20u);
  const auto some = policy->victim([](EntryId id) { return id % 8 == 0; });
  ASSERT_TRUE(some);
  EXPECT_EQ(*some % 8, 0u);
}

TEST(PrefixPolicy, LinksInACircleDoNotHangIt) {
  const auto policy = make(100);
  for (EntryId id = 0; id < 3; ++id) policy->inserted(id, facts_of(id));
  policy->linked(1, 0, 16);
  policy->linked(2, 1, 32);
  policy->linked(0, 2, 48);
  policy->linked(0, 0, 0);
  for (EntryId expected = 3; expected-- > 0;) {
    ASSERT_EQ(policy->victim(kAny), expected);
    policy->removed(expected, true, expected + 1);
  }
}

TEST(PrefixPolicy, CallsAboutUnknownEntriesDoNothing) {
  const auto policy = make(10, true);
  policy->hit(7);
  policy->replaced(7, 1);
  policy->linked(7, 8, 0);
  policy->removed(kNoEntry, true, 1);
  policy->removed(7, true, 1);
  policy->staged_done(7);
  EXPECT_FALSE(policy->worth_flash(7));
  EXPECT_EQ(policy->worth(kNoEntry), 0);
  EXPECT_EQ(policy->next_staged(), std::nullopt);
  EXPECT_EQ(policy->victim(kAny), std::nullopt);
  policy->inserted(3, facts_of(3, 3));
  EXPECT_EQ(policy->next_staged(), 3u);
  policy->inserted(3, facts_of(4));
  EXPECT_EQ(policy->victim(kAny), 3u);
}

TEST(PrefixPolicy, AnEntryWhosePrefixIsGoneIsWorthNothing) {
  const auto policy = make(100, true);
  policy->inserted(0, facts_of(0));
  policy->inserted(1, facts_of(1, 0, 16));
  policy->inserted(2, facts_of(2));
  EXPECT_GT(policy->worth(1), 0);
  policy->removed(0, true, 1);
  EXPECT_EQ(policy->worth(1), 0);
  EXPECT_FALSE(policy->worth_flash(1));
  policy->inserted(0, facts_of(9));
  EXPECT_EQ(policy->worth(1), 0) << "another entry took the id of the prefix";
  EXPECT_EQ(policy->victim(kAny), 1u);
}

TEST(PrefixPolicy, LaterPositionsAreWorthMoreWhereTheyCostMore) {
  PolicyOptions options;
  options.capacity_bytes = 100 * kBytes;
  options.position_cost = 1e-4;
  const auto policy = make_policy("prefix", options);
  policy->inserted(0, facts_of(0));
  policy->inserted(1, facts_of(1, kNoEntry, 100'000));
  EXPECT_GT(policy->worth(1), policy->worth(0));
}

// 200 entries are used every 500 insertions on average, all others once. Returns how many of the 200 stay to the end.
unsigned kept_of_200(EvictionPolicy* policy) {
  std::mt19937_64 random(5);
  std::vector<EntryId> unused(1000);
  std::iota(unused.begin(), unused.end(), 0);
  std::vector<bool> hot(1000);
  for (unsigned step = 0; step < 40000; ++step) {
    if (unused.empty()) {
      const EntryId victim = *policy->victim(kAny);
      policy->removed(victim, true, 0);
      hot[victim] = false;
      unused.push_back(victim);
    }
    policy->inserted(unused.back(), facts_of(step));
    hot[unused.back()] = step < 200;
    unused.pop_back();
    for (unsigned again = 0; again < 2; ++again) {
      const auto id = static_cast<EntryId>(random() % 1000);
      if (hot[id]) policy->hit(id);
    }
  }
  return static_cast<unsigned>(std::count(hot.begin(), hot.end(), true));
}

TEST(PrefixPolicy, LearnsThatWhatCameBackComesBack) {
  PolicyOptions options;
  options.capacity_bytes = 1000 * kBytes;
  options.has_flash = false;
  const unsigned by_lru = kept_of_200(make_policy("lru", options).get());
  const unsigned ours = kept_of_200(make(1000).get());
  EXPECT_GT(ours, 40u);
  EXPECT_GT(ours, 4 * by_lru);
}

TEST(PrefixPolicy, CostsSixteenBytesAnEntry) {
  constexpr EntryId kEntries = 1 << 20;
  const auto policy = make(kEntries);
  const uint64_t empty = policy->state_bytes();
  for (EntryId id = 0; id < kEntries; ++id) policy->inserted(id, facts_of(id));
  for (EntryId id = 0; id < kEntries / 4; ++id) {
    policy->removed(id, true, id + 1);
    policy->inserted(id, facts_of(kEntries + id));
  }
  EXPECT_LE(policy->state_bytes() - empty, uint64_t{kEntries} * EvictionPolicy::kStateBytesPerEntry);
}

}  // namespace
}  // namespace tp::cache
