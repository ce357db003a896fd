// A volume with flash: what is staged gets there, what is there comes back, over restarts, crashes and broken disks.
#include <set>

#include "engine_fixture.h"

namespace tp::cache {
namespace {

class FlashVolume : public EngineFixture {
 protected:
  FlashVolume() {
    settings_.capacity_bytes = 32 << 20;
    settings_.dram_bytes = 4 << 20;
    open();
  }
  void flush() {
    const auto done = run(volume_->flush_all());
    EXPECT_TRUE(done) << done.error().to_string();
  }
  /// So that nothing is left in DRAM: `count` entries of a MiB.
  void push_out(int count = 8) {
    flush();
    for (int i = 0; i < count; ++i) {
      ASSERT_TRUE(put(space_, "filler" + std::to_string(i), make_value(i, 1 << 20)));
      flush();
    }
  }
  bool on_flash(BytesView key) {
    const auto found = find(key);
    return found && !found->value && found->flash.segment != 0;
  }
};

TEST_F(FlashVolume, values_are_read_from_flash_once_dram_has_let_them_go) {
  PutOptions options;
  options.tokens = 300;
  ASSERT_TRUE(put("k", "value", options));
  push_out();
  ASSERT_TRUE(on_flash("k"));
  EXPECT_EQ(volume_->get_now(*space_, "k").error().code, Code::kWouldBlock);
  const uint64_t version = find("k")->version;
  EXPECT_EQ(get("k"), "value");
  EXPECT_FALSE(on_flash("k"));  // read once, kept
  EXPECT_EQ(find("k")->version, version);
  EXPECT_EQ(find("k")->tokens, 300u);
  const LedgerCounts counts = ledger();
  EXPECT_EQ(counts.hits_flash, 1u);
  EXPECT_EQ(counts.hit_tokens_flash, 300u);
  EXPECT_EQ(counts.hit_bytes_flash, 5u);
  EXPECT_LE(volume_->stats().dram_bytes, settings_.dram_bytes);
}

TEST_F(FlashVolume, a_clean_stop_forgets_nothing_and_resurrects_nothing) {
  PutOptions options;
  options.tokens = 512;
  ASSERT_TRUE(put("a", "a-value", options));
  options.parent = "a";
  options.type = ValueType::kHash;
  ASSERT_TRUE(put("b", "b-value", options));
  ASSERT_TRUE(put("deleted", "x"));
  ASSERT_TRUE(put("replaced", "old"));
  flush();
  EXPECT_TRUE(erase("deleted"));
  ASSERT_TRUE(put("replaced", "new"));
  EXPECT_TRUE(pin("a"));
  ASSERT_TRUE(put("staged", "only"));
  ASSERT_TRUE(put("staged and gone", "x"));
  EXPECT_TRUE(erase("staged and gone"));
  EXPECT_TRUE(get("a"));
  const LedgerCounts before = ledger();
  reopen();
  EXPECT_EQ(get("a"), "a-value");
  EXPECT_EQ(get("b"), "b-value");
  EXPECT_EQ(get("deleted"), std::nullopt);
  EXPECT_EQ(get("replaced"), "new");
  EXPECT_EQ(get("staged"), "only");
  EXPECT_EQ(get("staged and gone"), std::nullopt);
  EXPECT_TRUE(find("a")->pinned);
  EXPECT_EQ(find("b")->first_token, 512u);
  EXPECT_EQ(find("b")->type, ValueType::kHash);
  EXPECT_EQ(volume_->size(*space_), 4u);
  EXPECT_EQ(volume_->stats().pinned, 1u);
  const LedgerCounts after = ledger();
  EXPECT_EQ(after.writes, before.writes);
  EXPECT_EQ(after.hits_dram, before.hits_dram);
  EXPECT_EQ(after.hits_flash, 4u);
  EXPECT_TRUE(pin("a", false));
  EXPECT_TRUE(erase("b"));
  reopen();
  EXPECT_FALSE(find("a")->pinned);
  EXPECT_FALSE(find("b"));
}

TEST_F(FlashVolume, time_goes_on_over_a_restart) {
  PutOptions options;
  options.expires_ms = now_ms() + 10'000;
  ASSERT_TRUE(put("short", "x", options));
  ASSERT_TRUE(put("set later", "x"));
  ASSERT_TRUE(put("made to stay", "x", options));
  flush();
  EXPECT_TRUE(expire("set later", now_ms() + 10'000));
  EXPECT_TRUE(expire("made to stay", 0));
  reopen();
  EXPECT_EQ(find("set later")->expires_ms, now_ms() + 10'000);
  EXPECT_TRUE(find("short"));
  close();
  clock_.advance(10 * rt::kSecond);
  open();
  EXPECT_FALSE(find("short"));
  EXPECT_FALSE(find("set later"));
  EXPECT_TRUE(find("made to stay"));
  EXPECT_EQ(volume_->size(*space_), 1u);
}

TEST_F(FlashVolume, an_expired_newer_value_does_not_uncover_the_older) {
  ASSERT_TRUE(put("k", "old"));
  flush();
  PutOptions options;
  options.expires_ms = now_ms() + 10;
  ASSERT_TRUE(put("k", "new", options));
  clock_.advance(rt::kSecond);
  EXPECT_FALSE(get("k"));
  volume_->sweep();
  reopen();
  EXPECT_FALSE(get("k"));
}

TEST_F(FlashVolume, a_cleared_space_stays_empty) {
  Space* const other = open_space("mistral", "alice");
  ASSERT_TRUE(put("k", "v"));
  ASSERT_TRUE(put(other, "k", Value::copy_of("w")));
  flush();
  ASSERT_TRUE(run(volume_->clear(*space_)));
  ASSERT_TRUE(put("after", "v"));
  reopen();
  EXPECT_FALSE(get("k"));
  EXPECT_EQ(get("after"), "v");
  EXPECT_EQ(get(open_space("mistral", "alice"), "k"), "w");
  // Who asks with another identity misses, always.
  EXPECT_EQ(get(open_space("mistral", "bob"), "k"), std::nullopt);
}

TEST_F(FlashVolume, what_was_staged_when_a_space_was_cleared_stays_away_and_what_came_then_stays) {
  ASSERT_TRUE(put("k", "old"));
  flush();
  ASSERT_TRUE(put("k", "staged"));
  ASSERT_TRUE(put("other", "staged"));
  ASSERT_TRUE(run(volume_->clear(*space_)));
  ASSERT_TRUE(put("k", "new"));
  flush();
  reopen();
  EXPECT_EQ(get("k"), "new");
  EXPECT_FALSE(get("other"));
  EXPECT_EQ(volume_->stats().entries, 1u);
}

TEST_F(FlashVolume, spaces_keep_their_names) {
  ASSERT_TRUE(put("k", "v"));
  reopen();
  const auto spaces = volume_->spaces();
  ASSERT_EQ(spaces.size(), 1u);
  EXPECT_NE(spaces[0].first.identity.find("model=llama;"), std::string::npos);
  EXPECT_EQ(spaces[0].first.tenant, "alice");
  EXPECT_EQ(spaces[0].second, space_);
}

TEST_F(FlashVolume, more_than_fits_evicts_and_goes_on) {
  const size_t size = 100'000;
  int found = 0;
  for (int i = 0; i < 2000; ++i) {  // six times the capacity
    const std::string key = "k" + std::to_string(i);
    auto done = put(space_, key, make_value(i, size));
    if (!done && done.error().code == Code::kBusy) {
      const auto room = run(volume_->room(size + 4096));
      ASSERT_TRUE(room) << room.error().to_string();
      done = put(space_, key, make_value(i, size));
    }
    ASSERT_TRUE(done) << done.error().to_string();
    if (i % 10 == 0) (void)run(volume_->flush_step());
  }
  for (int i = 0; i < 2000; ++i) {
    const auto value = get("k" + std::to_string(i));
    if (!value) continue;
    EXPECT_EQ(*value, make_value(i, size).view());
    ++found;
  }
  EXPECT_GT(found, 200);
  const auto stats = volume_->stats();
  EXPECT_LE(stats.flash_bytes, settings_.capacity_bytes);
  EXPECT_LE(stats.dram_bytes, settings_.dram_bytes);
  reopen();
  int again = 0;
  for (int i = 0; i < 2000; ++i) {
    const auto value = get("k" + std::to_string(i));
    if (!value) continue;
    EXPECT_EQ(*value, make_value(i, size).view());
    ++again;
  }
  EXPECT_GE(again, found);
}

TEST_F(FlashVolume, pinned_entries_are_carried_over_when_their_segments_go) {
  ASSERT_TRUE(put("pinned", "stays"));
  EXPECT_TRUE(pin("pinned"));
  for (int i = 0; i < 300; ++i) {
    const std::string key = "k" + std::to_string(i);
    if (!put(space_, key, make_value(i, 300'000))) {
      ASSERT_TRUE(run(volume_->room(301'000)));
      ASSERT_TRUE(put(space_, key, make_value(i, 300'000)));
    }
    flush();
  }
  EXPECT_EQ(get("pinned"), "stays");
  EXPECT_GT(volume_->stats().carried_bytes, 0u);
  reopen();
  EXPECT_EQ(get("pinned"), "stays");
}

TEST_F(FlashVolume, a_flipped_bit_is_a_miss_and_counted) {
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(put(space_, "k" + std::to_string(i), make_value(i, 1000)));
  push_out();
  const auto names = run(files_.list("cache/7"));
  ASSERT_TRUE(names);
  for (const std::string& name : *names) {
    if (!name.starts_with("seg-")) continue;
    for (uint64_t at = 4096; at < 4096 + 24'000; at += 400) files_.flip_bit("cache/7/" + name, at, 3);
  }
  int wrong = 0, missed = 0;
  for (int i = 0; i < 20; ++i) {
    const auto value = get("k" + std::to_string(i));
    if (!value) {
      ++missed;
    } else if (*value != make_value(i, 1000).view()) {
      ++wrong;
    }
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(missed, 10);
  EXPECT_EQ(ledger().corrupt, static_cast<uint64_t>(missed));
  EXPECT_EQ(ledger().misses, static_cast<uint64_t>(missed));
  ASSERT_TRUE(put("k0", "again"));
  EXPECT_EQ(get("k0"), "again");
}

TEST_F(FlashVolume, a_full_disk_leaves_a_cache_in_dram) {
  ASSERT_TRUE(put("before", "x"));
  flush();
  memory::FaultPlan plan;
  plan.fail_at = 1;
  plan.and_all_after = true;
  plan.only_writes = true;
  plan.code = Code::kNoSpace;
  files_.set_plan(plan);
  const size_t size = 100'000;
  for (int i = 0; i < 200; ++i) {
    const std::string key = "k" + std::to_string(i);
    auto done = put(space_, key, make_value(i, size));
    if (!done) {
      ASSERT_EQ(done.error().code, Code::kBusy);
      const auto room = run(volume_->room(size + 4096));
      ASSERT_TRUE(room) << room.error().to_string();
      done = put(space_, key, make_value(i, size));
    }
    ASSERT_TRUE(done) << done.error().to_string();
    const auto value = get(key);
    ASSERT_TRUE(value);
    EXPECT_EQ(*value, make_value(i, size).view());
    (void)run(volume_->flush_step());
  }
  EXPECT_EQ(get("before"), "x");
  files_.set_plan({});
  clock_.advance(2 * rt::kSecond);
  flush();
  ASSERT_TRUE(put("after", "y"));
  reopen();
  EXPECT_EQ(get("after"), "y");
  EXPECT_EQ(get("before"), "x");
}

TEST_F(FlashVolume, a_crash_forgets_at_most_what_was_not_flushed) {
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(put(space_, "k" + std::to_string(i), make_value(i, 5000)));
  flush();
  for (int i = 50; i < 80; ++i) ASSERT_TRUE(put(space_, "k" + std::to_string(i), make_value(i, 5000)));
  (void)run(volume_->flush_step());
  crash(3);
  for (int i = 0; i < 80; ++i) {
    const auto value = get("k" + std::to_string(i));
    if (i < 50) {
      EXPECT_TRUE(value) << i;
    }
    if (value) {
      EXPECT_EQ(*value, make_value(i, 5000).view()) << i;
    }
  }
}

TEST_F(FlashVolume, what_was_evicted_and_then_deleted_does_not_come_back) {
  ASSERT_TRUE(put("k", "v"));
  flush();
  for (int i = 0; i < 100 && find("k"); ++i) {
    const std::string key = "k" + std::to_string(i);
    if (!put(space_, key, make_value(i, 500'000))) {
      ASSERT_TRUE(run(volume_->room(501'000)));
      ASSERT_TRUE(put(space_, key, make_value(i, 500'000)));
    }
    (void)run(volume_->flush_step());
  }
  ASSERT_FALSE(get("k"));
  EXPECT_FALSE(erase("k"));
  reopen();
  EXPECT_FALSE(get("k"));
}

TEST_F(FlashVolume, a_tenant_keeps_its_reservation_on_flash) {
  close();
  settings_.shares = {{"alice", 10 << 20, 0}, {"bob", 0, 8 << 20}};
  open();
  Space* const bob = open_space("llama", "bob");
  const auto put_all = [&](Space* space, int count, size_t size) {
    for (int i = 0; i < count; ++i) {
      const std::string key = "k" + std::to_string(i);
      auto done = put(space, key, make_value(i, size));
      if (!done) {
        ASSERT_TRUE(run(volume_->room(size + 4096)));
        done = put(space, key, make_value(i, size));
      }
      ASSERT_TRUE(done) << done.error().to_string();
      if (i % 8 == 0) (void)run(volume_->flush_step());
    }
  };
  put_all(space_, 90, 100'000);
  put_all(bob, 300, 100'000);
  put_all(open_space("llama", "carol"), 900, 100'000);
  for (int i = 0; i < 90; ++i) EXPECT_TRUE(get("k" + std::to_string(i))) << i;
  EXPECT_LE(volume_->size(*bob), 84u);
  EXPECT_GT(ledger("bob").evictions, 200u);
}

TEST_F(FlashVolume, a_removed_volume_leaves_no_files) {
  ASSERT_TRUE(put("k", "v"));
  flush();
  ASSERT_TRUE(run(cache_->remove_volume(VolumeId(7))));
  EXPECT_FALSE(cache_->find("kv"));
  const auto names = run(files_.list("cache/7"));
  EXPECT_TRUE(!names || names->empty());
}

}  // namespace
}  // namespace tp::cache
