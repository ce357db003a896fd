// A volume that lives in DRAM alone: every method of sections and lookups.
#include <set>

#include "engine_fixture.h"

namespace tp::cache {
namespace {

class DramVolume : public EngineFixture {
 protected:
  DramVolume() { open(); }
};

TEST_F(DramVolume, gives_back_what_was_put) {
  EXPECT_TRUE(put("a", "one"));
  EXPECT_TRUE(put("empty", ""));
  EXPECT_EQ(get("a"), "one");
  EXPECT_EQ(get("empty"), "");
  EXPECT_EQ(get("b"), std::nullopt);
  EXPECT_TRUE(put("a", "another"));
  EXPECT_EQ(get("a"), "another");
  EXPECT_EQ(volume_->size(*space_), 2u);
  EXPECT_TRUE(erase("a"));
  EXPECT_FALSE(erase("a"));
  EXPECT_EQ(get("a"), std::nullopt);
  EXPECT_EQ(volume_->size(*space_), 1u);
}

TEST_F(DramVolume, refuses_what_is_too_large_or_no_key) {
  EXPECT_EQ(put("", "x").error().code, Code::kInvalidArgument);
  EXPECT_EQ(put(Bytes(1025, 'k'), "x").error().code, Code::kTooLarge);
  EXPECT_TRUE(put(Bytes(1024, 'k'), "x"));
  EXPECT_EQ(get(Bytes(1024, 'k')), "x");
  const auto larger_than_dram = put(space_, "big", Value::allocate(17 << 20));
  EXPECT_EQ(larger_than_dram.error().code, Code::kNoSpace);
  EXPECT_EQ(ledger().refused, 1u);
}

TEST_F(DramVolume, a_version_never_comes_twice) {
  std::set<uint64_t> versions;
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(put("k", "same"));
    EXPECT_TRUE(versions.insert(find("k")->version).second);
    EXPECT_TRUE(expire("k", now_ms() + 1000));
    EXPECT_TRUE(versions.insert(find("k")->version).second);
    EXPECT_TRUE(expire("k", 0));
    EXPECT_TRUE(versions.insert(find("k")->version).second);
    EXPECT_TRUE(erase("k"));
  }
}

TEST_F(DramVolume, other_identities_and_tenants_have_other_keys) {
  Space* const other_model = open_space("mistral", "alice");
  Space* const other_tenant = open_space("llama", "bob");
  ASSERT_TRUE(put("k", "mine"));
  EXPECT_EQ(get(other_model, "k"), std::nullopt);
  EXPECT_EQ(get(other_tenant, "k"), std::nullopt);
  EXPECT_EQ(open_space("llama", "alice"), space_);
  ASSERT_TRUE(put(other_model, "k", Value::copy_of("theirs")));
  EXPECT_EQ(get("k"), "mine");
  EXPECT_EQ(get(other_model, "k"), "theirs");
}

TEST_F(DramVolume, entries_expire_when_their_time_comes) {
  PutOptions options;
  options.expires_ms = now_ms() + 1000;
  ASSERT_TRUE(put("k", "v", options));
  ASSERT_TRUE(put("stays", "v"));
  clock_.advance(999 * rt::kMillisecond);
  EXPECT_EQ(get("k"), "v");
  clock_.advance(rt::kMillisecond);
  EXPECT_EQ(get("k"), std::nullopt);
  EXPECT_FALSE(find("k"));
  volume_->sweep();
  EXPECT_EQ(volume_->size(*space_), 1u);
  EXPECT_EQ(ledger().expired, 1u);
  EXPECT_TRUE(expire("stays", now_ms() - 1));
  EXPECT_EQ(volume_->size(*space_), 0u);
}

TEST_F(DramVolume, the_least_recently_used_goes_when_it_is_full) {
  const size_t size = 1 << 20;
  for (int i = 0; i < 40; ++i) {
    ASSERT_TRUE(put(space_, "k" + std::to_string(i), make_value(i, size)));
    EXPECT_TRUE(get("k0"));  // stays in use
  }
  EXPECT_TRUE(get("k0"));
  EXPECT_TRUE(get("k39"));
  EXPECT_FALSE(get("k5"));
  EXPECT_LE(volume_->stats().dram_bytes, settings_.dram_bytes);
  EXPECT_GT(ledger().evictions, 20u);
}

TEST_F(DramVolume, pinned_and_leased_entries_stay) {
  const size_t size = 1 << 20;
  ASSERT_TRUE(put(space_, "pinned", make_value(1, size)));
  ASSERT_TRUE(put(space_, "leased", make_value(2, size)));
  EXPECT_TRUE(pin("pinned"));
  const BytesView key = "leased";
  EXPECT_EQ(volume_->prefix(*space_, {&key, 1}, 60'000, std::nullopt).entries, 1u);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(put(space_, "k" + std::to_string(i), make_value(i, size)));
  EXPECT_TRUE(get("pinned"));
  EXPECT_TRUE(get("leased"));
  clock_.advance(61 * rt::kSecond);
  volume_->sweep();
  EXPECT_EQ(volume_->stats().leases, 0u);
  EXPECT_TRUE(pin("pinned", false));
  for (int i = 100; i < 200; ++i) ASSERT_TRUE(put(space_, "k" + std::to_string(i), make_value(i, size)));
  EXPECT_FALSE(get("pinned"));
  EXPECT_FALSE(get("leased"));
}

TEST_F(DramVolume, pins_beyond_its_size_are_refused) {
  const size_t size = 1 << 20;
  int refused = 0;
  for (int i = 0; i < 40; ++i) {
    const std::string key = "k" + std::to_string(i);
    const auto done = put(space_, key, make_value(i, size));
    if (!done) {
      EXPECT_EQ(done.error().code, Code::kNoSpace);
      ++refused;
    } else {
      EXPECT_TRUE(pin(key));
    }
  }
  EXPECT_GT(refused, 20);
  EXPECT_LE(volume_->stats().dram_bytes, settings_.dram_bytes);
}

TEST_F(DramVolume, prefix_counts_leading_keys_and_their_tokens) {
  PutOptions options;
  options.tokens = 512;
  for (const char* key : {"a", "b", "d"}) ASSERT_TRUE(put(key, "v", options));
  const BytesView keys[] = {"a", "b", "c", "d"};
  const auto found = volume_->prefix(*space_, keys, 1000, 2000);
  EXPECT_EQ(found.entries, 2u);
  EXPECT_EQ(found.tokens, 1024u);
  EXPECT_EQ(find("b")->first_token, 512u);  // the lookup taught the chain
  const LedgerCounts counts = ledger();
  EXPECT_EQ(counts.miss_tokens, 976u);
  EXPECT_EQ(counts.misses, 2u);
  EXPECT_EQ(counts.hits_dram, 0u);
  EXPECT_EQ(volume_->stats().leases, 2u);
}

TEST_F(DramVolume, scan_meets_every_key_once) {
  Space* const other = open_space("mistral", "alice");
  std::set<Bytes> keys, met;
  for (int i = 0; i < 5000; ++i) {
    const std::string key = "key-" + std::to_string(i);
    ASSERT_TRUE(put(key, "v"));
    ASSERT_TRUE(put(other, key, Value::copy_of("w")));
    keys.insert(key);
  }
  uint64_t cursor = 0;
  size_t steps = 0, total = 0;
  do {
    for (const auto& found : volume_->scan(*space_, &cursor, 100)) {
      met.insert(found.key);
      ++total;
    }
    // Others come and go meanwhile.
    ASSERT_TRUE(put("new-" + std::to_string(steps), "v"));
    if (steps > 0) {
      EXPECT_TRUE(erase("new-" + std::to_string(steps - 1)));
    }
    ASSERT_LT(++steps, 1000u);
  } while (cursor != 0);
  for (const Bytes& key : keys) EXPECT_TRUE(met.contains(key)) << key;
  EXPECT_LE(total, keys.size() + steps);
  EXPECT_TRUE(volume_->random_key(*space_));
}

TEST_F(DramVolume, clear_empties_one_space_and_tells_watches) {
  Space* const other = open_space("mistral", "alice");
  for (int i = 0; i < 3000; ++i) {
    ASSERT_TRUE(put("key-" + std::to_string(i), "v"));
    ASSERT_TRUE(put(other, "key-" + std::to_string(i), Value::copy_of("w")));
  }
  EXPECT_TRUE(pin("key-7"));
  const auto watch = volume_->watch(*space_, "key-1");
  ASSERT_TRUE(watch);
  EXPECT_FALSE((*watch)->changed());
  ASSERT_TRUE(run(volume_->clear(*space_)));
  EXPECT_TRUE((*watch)->changed());
  EXPECT_EQ(volume_->size(*space_), 0u);
  EXPECT_EQ(volume_->size(*other), 3000u);
  EXPECT_FALSE(get("key-1"));
  EXPECT_FALSE(volume_->random_key(*space_));
  ASSERT_TRUE(put("key-1", "again"));
  EXPECT_EQ(get("key-1"), "again");
  EXPECT_EQ(volume_->stats().entries, 3001u);
}

TEST_F(DramVolume, watches_see_changes_of_their_key_alone) {
  ASSERT_TRUE(put("k", "v"));
  const auto changed_by = [&](auto change) {
    const auto watch = volume_->watch(*space_, "k");
    EXPECT_TRUE(watch && !(*watch)->changed());
    change();
    return (*watch)->changed();
  };
  EXPECT_FALSE(changed_by([&] { ASSERT_TRUE(put("other", "v")); }));
  EXPECT_FALSE(changed_by([&] { EXPECT_TRUE(get("k")); }));
  EXPECT_TRUE(changed_by([&] { ASSERT_TRUE(put("k", "v")); }));
  EXPECT_TRUE(changed_by([&] { EXPECT_TRUE(expire("k", now_ms() + 10)); }));
  EXPECT_TRUE(changed_by([&] {
    clock_.advance(rt::kSecond);
    volume_->sweep();
  }));
  EXPECT_TRUE(changed_by([&] { ASSERT_TRUE(put("k", "v")); }));  // from absent to there
  EXPECT_TRUE(changed_by([&] { EXPECT_TRUE(erase("k")); }));
}

TEST_F(DramVolume, sections_see_and_change_many_keys_at_once) {
  std::vector<std::string> names;
  std::vector<BytesView> keys;
  for (int i = 0; i < 500; ++i) names.push_back("k" + std::to_string(i % 300));
  for (const std::string& name : names) keys.push_back(name);
  {
    const auto section = volume_->write_section(*space_, keys);
    EXPECT_TRUE(section->has_room(1000));
    for (const BytesView key : keys) ASSERT_TRUE(section->put(key, Value::copy_of(key), {}));
    EXPECT_EQ(section->find(keys[7])->value.view(), keys[7]);
  }
  const auto section = volume_->read_section(*space_, keys);
  for (const BytesView key : keys) {
    const auto found = section->find(key);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->value.view(), key);
    section->count_hit(key, *found);
  }
  EXPECT_EQ(ledger().hits_dram, 500u);
  EXPECT_FALSE(section->put(keys[0], Value::copy_of("x"), {}));
}

TEST_F(DramVolume, the_ledger_counts_tokens_bytes_and_money) {
  close();
  settings_.profile_toml =
      "name = \"t\"\nblock_tokens = 256\nprefill_seconds = [[1000, 1.0], [2000, 3.0]]\n"
      "gpu_dollars_per_hour = 36.0\ngpus = 2\n[identity]\nmodel = \"m\"\n";
  open();
  PutOptions options;
  options.tokens = 1000;
  ASSERT_TRUE(put("a", "12345678", options));
  options.parent = "a";
  ASSERT_TRUE(put("b", "1234", options));
  ASSERT_TRUE(put("c", "12"));
  EXPECT_EQ(find("c")->tokens, 256u);
  EXPECT_TRUE(get("a") && get("b") && !get("x"));
  const LedgerCounts counts = ledger();
  EXPECT_EQ(counts.lookups, 3u);
  EXPECT_EQ(counts.hit_tokens_dram, 2000u);
  EXPECT_EQ(counts.hit_bytes_dram, 12u);
  EXPECT_EQ(counts.misses, 1u);
  EXPECT_EQ(counts.writes, 3u);
  EXPECT_EQ(counts.written_tokens, 2256u);
  EXPECT_DOUBLE_EQ(counts.saved_seconds, 3.0);  // the second thousand costs twice the first
  EXPECT_DOUBLE_EQ(counts.saved_dollars, 3.0 / 3600 * 36 * 2);
}

TEST_F(DramVolume, tenants_keep_what_is_reserved_and_evict_their_own_above_their_quota) {
  close();
  settings_.shares = {{"alice", 4 << 20, 0}, {"bob", 0, 3 << 20}};
  open();
  Space* const bob = open_space("llama", "bob");
  Space* const carol = open_space("llama", "carol");
  const size_t size = 256 << 10;
  for (int i = 0; i < 12; ++i) ASSERT_TRUE(put(space_, "a" + std::to_string(i), make_value(i, size)));
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(put(bob, "b" + std::to_string(i), make_value(i, size)));
  for (int i = 0; i < 12; ++i) EXPECT_TRUE(get("a" + std::to_string(i))) << i;
  EXPECT_EQ(ledger("carol").evictions + ledger("alice").evictions, 0u);
  EXPECT_EQ(volume_->size(*bob), 11u);  // 3 MiB less what entries cost besides
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(put(carol, "c" + std::to_string(i), make_value(i, size)));
  for (int i = 0; i < 12; ++i) EXPECT_TRUE(get("a" + std::to_string(i))) << i;
  EXPECT_EQ(volume_->size(*bob), 0u);
  EXPECT_EQ(put(bob, "big", make_value(1, 3 << 20)).error().code, Code::kNoSpace);
}

}  // namespace
}  // namespace tp::cache
