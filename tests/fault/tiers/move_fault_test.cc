// Objects move hot -> warm -> archive -> hot, while every N-th write of the engine fails, has effect and fails, or
// takes the power with it, and every N-th put on a tier fails: all objects read as they were written at every step,
// nothing is left over on either side.
#include <gtest/gtest.h>

#include "fault/fail_each_call.h"
#include "fault/workload.h"
#include "meta/keys.h"
#include "plane/care/janitor.h"
#include "plane/tiers/mover.h"

namespace tp::test {
namespace {

using memory::MemoryEngine;

constexpr size_t kMiB = 1 << 20;
constexpr uint8_t kWarm = 1, kArchive = 2;
constexpr const char* kVolume = "vol";

class Moves {
 public:
  Moves() : store_(options()) {
    EXPECT_FINE(store_.open());
    EXPECT_FINE(store_.run(store_.plane().create_volume(operator_caller(), kVolume, {})));
    for (size_t size : {size_t{100}, 70 * kMiB / 1024, kMiB, 9 * kMiB}) {
      const std::string key = "k" + std::to_string(contents_.size());
      contents_[key] = make_data(size, size);
      EXPECT_FINE(store_.run(put_object(&store_.plane(), {kVolume, key}, contents_[key])));
    }
  }

  MemoryPlane& store() { return store_; }
  MemoryTierDisk& warm() { return warm_; }

  /// Each object to each class in turn; whatever fails on the way.
  void run() {
    for (const char* storage_class : {"STANDARD_IA", "GLACIER_IR", ""}) {
      for (const auto& [key, data] : contents_) {
        plane::CopyOptions options;
        options.attributes.storage_class = storage_class;
        (void)store_.run(store_.plane().copy(operator_caller(), {kVolume, key}, {kVolume, key}, options));
      }
      (void)store_.run(store_.plane().janitor().move_files());
      (void)store_.run(store_.plane().core().dead_blobs.collect());
      verify();
    }
  }

  void verify() {
    for (const auto& [key, data] : contents_) {
      const auto read = store_.run(get_object(&store_.plane(), {kVolume, key}));
      EXPECT_TRUE(read) << key << ": " << read.error().to_string();
      EXPECT_TRUE(read && *read == data) << key;
    }
  }

  /// After a power failure all is there, and once what was under way has been ended nothing is left over.
  void crash_and_verify(uint64_t seed) {
    store_.crash(seed);
    EXPECT_FINE(store_.open());
    if (!store_.is_open()) return;
    verify();
    EXPECT_FINE(store_.run(store_.plane().janitor().mover().reclaim_tiers()));
    EXPECT_FINE(store_.run(store_.plane().janitor().move_files()));
    EXPECT_FINE(check_clean(store_));
    verify();
    EXPECT_EQ(warm_.pieces(), blobs_on(kWarm));
    EXPECT_EQ(archive_.pieces(), blobs_on(kArchive));
  }

 private:
  PlaneStackOptions options() {
    PlaneStackOptions made;
    made.segment_bytes = 16 * kMiB;
    made.tiers = {{kWarm, &warm_}, {kArchive, &archive_}};
    made.storage_classes = {{"STANDARD_IA", kWarm, false, 0}, {"GLACIER_IR", kArchive, false, 0}};
    return made;
  }
  size_t blobs_on(uint8_t tier) {
    const auto first = meta::blob_place_key(tier, SegmentId(0), 0);
    const auto last = meta::blob_place_key(tier, SegmentId(UINT64_MAX), UINT64_MAX);
    auto walk = store_.engine().iterate(kv::Space::kBlobs, {});
    size_t count = 0;
    for (walk->seek(first); walk->valid() && walk->key() <= BytesView(last); walk->next()) ++count;
    return count;
  }

  MemoryTierDisk warm_, archive_;
  MemoryPlane store_;
  std::map<std::string, Bytes> contents_;
};

void fail_each_write(MemoryEngine::Effect effect) {
  for (uint64_t nth = 1; nth < kMostFaults && !testing::Test::HasFailure(); nth += stride_if_sanitized(3)) {
    SCOPED_TRACE("write " + std::to_string(nth));
    Moves moves;
    MemoryEngine& engine = moves.store().engine();
    const uint64_t before = engine.calls(MemoryEngine::Call::kWrite);
    engine.fail_at(MemoryEngine::Call::kWrite, nth, Error(Code::kIo, "planned"), effect, true);
    moves.run();
    const bool happened = engine.calls(MemoryEngine::Call::kWrite) - before >= nth;
    engine.clear_faults();
    moves.crash_and_verify(nth);
    if (!happened) return;
  }
  FAIL() << "the moves never got through";
}

TEST(MoveFault, any_metadata_write_may_fail) { fail_each_write(MemoryEngine::Effect::kNothing); }

TEST(MoveFault, any_metadata_write_may_have_effect_and_fail) { fail_each_write(MemoryEngine::Effect::kAppliedAnyway); }

TEST(MoveFault, a_tier_may_be_away_at_any_time) {
  for (uint64_t nth = 0; nth < 6 && !testing::Test::HasFailure(); ++nth) {
    SCOPED_TRACE("puts " + std::to_string(nth));
    Moves moves;
    moves.warm().fail_puts = nth;
    moves.run();
    moves.crash_and_verify(nth);
  }
}

}  // namespace
}  // namespace tp::test
