// Every call that a drive answers fails once, and the power goes at random moments: what was acknowledged is there,
// whatever happens to as many drives as there is parity.
#include "drive_fixture.h"

namespace tp::blob {
namespace {

class DriveFaultsTest : public DriveFixture {};

TEST_F(DriveFaultsTest, WhicheverCallOfADriveFailsAcknowledgedBlobsAreThere) {
  data_ = 2;
  parity_ = 1;
  bool happened = true;
  for (uint64_t call = 1; happened && call < 200; ++call) {
    drives_.clear();
    ASSERT_TRUE(open(4));
    const BlobRecord before = must_put(1, 100'000);
    drive(1).set_plan({.fail_at = call, .and_all_after = call % 2 == 0});
    std::vector<BlobRecord> stored{before};
    for (uint64_t id = 2; id <= 4; ++id) {
      data_of_[id] = random_data(3'000'000, id);
      auto records = put({item_of(id, data_of_[id])});
      ASSERT_TRUE(records) << "one drive of four: " << records.error().to_string();
      stored.push_back(records->front());
    }
    for (const BlobRecord& record : stored) expect_reads(record, "with the fault");
    EXPECT_TRUE(run(tier_->free(stored[1])) || drive(1).fault_happened());
    happened = drive(1).fault_happened();
    drive(1).set_plan({});
    stored.erase(stored.begin() + 1);
    for (const BlobRecord& record : stored) EXPECT_TRUE(run(tier_->verify(record)));
    ASSERT_TRUE(open(4)) << call;
    for (const BlobRecord& record : stored) expect_reads(record, "after a restart");
  }
  EXPECT_FALSE(happened) << "the plan never ran out";
}

TEST_F(DriveFaultsTest, WhicheverCallOfTheStartFailsTheNextStartIsGood) {
  data_ = 2;
  parity_ = 1;
  bool happened = true;
  for (uint64_t call = 1; happened && call < 200; ++call) {
    drives_.clear();
    drive(2).set_plan({.fail_at = call});
    (void)open(4);
    happened = drive(2).fault_happened();
    drive(2).set_plan({});
    ASSERT_TRUE(open(4)) << call;
    const BlobRecord record = must_put(1, 50'000);
    drive(2).set_plan({.fail_at = call});
    (void)open(4);
    drive(2).set_plan({});
    ASSERT_TRUE(open(4)) << call;
    expect_reads(record);
  }
}

/// Puts, frees, restarts, power cuts, lost, replaced, added and drained drives in any order, against a map.
class RandomDrives : public DriveFixture {
 protected:
  void play(uint64_t seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    rt::Rng rng(seed);
    close();
    drives_.clear();
    away_.clear();
    live_.clear();
    data_of_.clear();
    data_ = 1 + static_cast<unsigned>(rng.below(4));
    parity_ = static_cast<unsigned>(rng.below(3));
    segment_bytes_ = 1 << 20;
    drive_count_ = data_ + parity_ + 1 + static_cast<unsigned>(rng.below(2));
    ASSERT_TRUE(open(drive_count_));
    for (int step = 0; step < 40; ++step) {
      one_step(rng);
      if (HasFatalFailure()) return;
    }
    // The worst that must be survived, at the end.
    (void)run(tier_->wait_mended());
    for (unsigned i = 0; i < parity_; ++i) lose_one(rng);
    ASSERT_TRUE(open(drive_count_));
    check_all("at the end");
  }

 private:
  void one_step(rt::Rng& rng) {
    switch (rng.below(12)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return put_some(rng);
      case 4:
      case 5:
        return free_one(rng);
      case 6:
        return restart(rng, false);
      case 7:
        return restart(rng, true);
      case 8:
        return replace_one(rng);
      case 9:
        return drain_one(rng);
      case 10:
        return spoil_some(rng);
      default:
        return check_all("on the way");
    }
  }
  void put_some(rt::Rng& rng) {
    std::vector<TierItem> items;
    for (uint64_t n = 1 + rng.below(4); n > 0; --n) {
      data_of_[++last_id_] = random_data(1 + rng.below(rng.below(4) == 0 ? 900'000 : 80'000), last_id_);
      items.push_back(item_of(last_id_, data_of_[last_id_]));
    }
    auto records = put(std::move(items));
    ASSERT_TRUE(records) << records.error().to_string();
    for (BlobRecord& record : *records) live_.push_back(std::move(record));
  }
  void free_one(rt::Rng& rng) {
    if (live_.empty()) return;
    const size_t which = rng.below(live_.size());
    const auto freed = run(tier_->free(live_[which]));
    EXPECT_TRUE(freed) << freed.error().to_string();
    live_.erase(live_.begin() + static_cast<std::ptrdiff_t>(which));
  }
  void restart(rt::Rng& rng, bool power_cut) {
    if (power_cut) {
      ASSERT_TRUE(crash(drive_count_, rng.next()));
    } else {
      ASSERT_TRUE(open(drive_count_));
    }
    auto infos = runtime_.block_on(tier_->segments());
    ASSERT_TRUE(infos);
    for (const SegmentInfo& info : *infos) {
      std::vector<std::pair<uint64_t, uint64_t>> live;
      for (const BlobRecord& record : live_) {
        if (record.segment == info.id) live.emplace_back(record.offset, record.stored_bytes());
      }
      std::ranges::sort(live);
      const auto reclaimed = run(tier_->reclaim(info.id, live));
      ASSERT_TRUE(reclaimed) << reclaimed.error().to_string();
    }
  }
  /// A drive goes for good, and a new one comes in its place.
  void replace_one(rt::Rng& rng) {
    if (parity_ == 0) return;
    ASSERT_TRUE(run(tier_->wait_mended()));
    ASSERT_EQ(tier_->status().missing_shards, 0u);
    const auto which = static_cast<unsigned>(rng.below(drive_count_));
    if (status_of(which).state != DriveState::kActive) return;
    close();
    drives_[name_of(which)] = nullptr;
    ASSERT_TRUE(open(drive_count_));
    if (rng.below(2) == 0) check_all("one is lost");
    ASSERT_TRUE(run(tier_->replace(name_of(which))));
    if (rng.below(2) == 0) put_some(rng);
    const auto mended = run(tier_->wait_mended());
    ASSERT_TRUE(mended) << mended.error().to_string();
    ASSERT_EQ(tier_->status().missing_shards, 0u);
  }
  void drain_one(rt::Rng& rng) {
    const auto which = static_cast<unsigned>(rng.below(drive_count_));
    if (status_of(which).state != DriveState::kActive || !run(tier_->drain(name_of(which)))) return;
    if (rng.below(2) == 0) put_some(rng);
    if (rng.below(3) == 0) restart(rng, rng.below(2) == 0);
    const auto mended = run(tier_->wait_mended());
    ASSERT_TRUE(mended) << mended.error().to_string();
    ASSERT_EQ(status_of(which).state, DriveState::kRemoved);
    const auto added = run(tier_->add(name_of(which)));
    ASSERT_TRUE(added) << added.error().to_string();
  }
  void spoil_some(rt::Rng& rng) {
    if (live_.empty() || parity_ == 0) return;
    const BlobRecord& record = live_[rng.below(live_.size())];
    const auto slot = static_cast<unsigned>(rng.below(data_ + parity_));
    if (!spoil(record, slot, rng.below(100))) return;
    const auto verified = run(tier_->verify(record));
    EXPECT_TRUE(verified) << verified.error().to_string();
  }
  void lose_one(rt::Rng& rng) {
    const std::string name = name_of(static_cast<unsigned>(rng.below(drive_count_)));
    if (!away_.contains(name)) away_[name] = true;
  }
  void check_all(const char* when) {
    for (const BlobRecord& record : live_) {
      expect_reads(record, when);
      if (HasFatalFailure()) return;
    }
  }

  std::vector<BlobRecord> live_;
  uint64_t last_id_ = 0;
  unsigned drive_count_ = 6;
};

TEST_F(RandomDrives, WhateverHappensToDrivesAcknowledgedBlobsAreRead) {
  uint64_t rounds = 40;
  if (const char* more = std::getenv("TP_PROPERTY_ROUNDS")) rounds = std::strtoull(more, nullptr, 10);
  for (uint64_t seed = 1; seed <= rounds; ++seed) {
    play(seed);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace tp::blob
