// Files that are overwritten in place do not grow without bound: what is rewritten, what is left alone, what goes
// wrong.
#include <gtest/gtest.h>

#include "blob/hot/segment_format.h"
#include "plane/content/rewrite_file.h"
#include "plane/core/blob_records.h"
#include "rt/await.h"
#include "rt/task_group.h"
#include "unit/plane/content/content_fixture.h"

namespace tp::test {
namespace {

constexpr uint64_t kMiB = 1 << 20, kBlock = 4096;

class Rewrite : public ContentFixture {
 protected:
  Rewrite() : ContentFixture(MemoryPlane::Options{.segment_bytes = 16 * kMiB}) {}

  void set_slack(uint64_t bytes) { plane().core().open_files.rewrites.slack_bytes = bytes; }
  Result<void> rewrite() { return run(plane().janitor().rewrite_files()); }
  Result<void> settle() {
    TP_TRY_VOID(rewrite());
    return memory_.tidy_up();
  }
  uint64_t written() { return memory_.blobs().stats().bytes_written; }
  uint64_t noted() {
    auto walk = memory_.engine().iterate(kv::Space::kMeta, {});
    uint64_t count = 0;
    for (walk->seek("w"); walk->valid() && walk->key().starts_with("w"); walk->next()) ++count;
    return count;
  }

  /// A file of so many bytes whose blobs are mostly dead: each block is written thrice, in another order each time.
  FileId make_worn(const std::string& name, Bytes* model, uint64_t seed) {
    const FileId file = make(name);
    *model = make_data(seed, model->size());
    EXPECT_TRUE(put(file, 0, *model, plane::Stability::kFileSync));
    wear(file, model, seed, 3 * model->size() / kBlock);
    return file;
  }
  void wear(FileId file, Bytes* model, uint64_t seed, uint64_t writes) {
    rt::Rng rng(seed);
    for (uint64_t i = 0; i < writes; ++i) {
      const uint64_t at = rng.below(model->size() / kBlock) * kBlock;
      const Bytes piece = make_data(rng.next(), kBlock);
      model->replace(at, kBlock, piece);
      ASSERT_TRUE(put(file, at, piece));
      if (i % 50 == 49) ASSERT_TRUE(commit(file));
    }
    ASSERT_TRUE(commit(file));
  }
};

/// The blocks that a database changes all the time, and each round a few that it never touches again, which keep the
/// blobs of their round alive.
class Grown : public Rewrite {
 protected:
  static constexpr uint64_t kSize = 16 * kMiB, kRounds = 20, kBlocks = kSize / kBlock, kHot = kBlocks / 2;
  static constexpr uint64_t kBound = 3 * kSize + 64 * kMiB;

  /// The most that was in use after any round.
  uint64_t overwrite(FileId file, Bytes* model) {
    rt::Rng rng(7);
    uint64_t most = 0;
    for (uint64_t round = 0; round < kRounds; ++round) {
      for (uint64_t i = 0; i < kBlocks; ++i) {
        const bool cold = i % 20 == 0;
        const uint64_t block = cold ? kHot + (round * kBlocks + i) / 20 % kHot : rng.below(kHot);
        const Bytes piece(kBlock, static_cast<char>(rng.next()));
        model->replace(block * kBlock, kBlock, piece);
        EXPECT_TRUE(put(file, block * kBlock, piece));
        if (i % 1024 == 1023) EXPECT_TRUE(commit(file));
      }
      EXPECT_TRUE(settle());
      const auto stats = memory_.blobs().stats();
      most = std::max({most, stats.live_bytes, stats.disk_bytes});
    }
    return most;
  }
};

TEST_F(Grown, a_database_does_not_grow_without_bound) {
  Bytes model(kSize, 'x');
  const FileId file = make("db");
  ASSERT_TRUE(put(file, 0, model, plane::Stability::kFileSync));
  const uint64_t before = written();
  const uint64_t most = overwrite(file, &model);
  EXPECT_LT(most, kBound);
  EXPECT_TRUE(all(file) == model);
  EXPECT_TRUE(*get("db") == model);
  EXPECT_EQ(damage(), "");
  // The client wrote at most so much (blocks that were overwritten before a commit not at all).
  const double amplification = static_cast<double>(written() - before) / (kRounds * kSize);
  std::printf("most in use %llu MiB, written %.2f times\n", static_cast<unsigned long long>(most / kMiB),
              amplification);
  EXPECT_LT(amplification, 4);
}

TEST_F(Grown, without_rewriting_it_would) {
  set_slack(UINT64_MAX);
  Bytes model(kSize, 'x');
  const FileId file = make("db");
  ASSERT_TRUE(put(file, 0, model, plane::Stability::kFileSync));
  EXPECT_GT(overwrite(file, &model), kBound);
}

TEST_F(Rewrite, makes_extents_large_again_and_changes_nothing_else) {
  set_slack(0);
  Bytes model(4 * kMiB, 0);
  const FileId file = make_worn("f", &model, 1);
  plane::SetAttributes size;
  size.size_bytes = model.size() + 3 * kMiB;
  ASSERT_TRUE(set(file, size));
  model.resize(*size.size_bytes);
  const auto before = attributes(file);
  const auto object = stat("f");
  EXPECT_GT(records(kv::Space::kExtents), 500u);
  EXPECT_EQ(noted(), 1u);
  ASSERT_TRUE(settle());
  EXPECT_EQ(records(kv::Space::kExtents), 2u);  // bytes and hole
  EXPECT_EQ(noted(), 0u);
  EXPECT_EQ(memory_.blobs().stats().live_bytes, 4 * kMiB);
  EXPECT_TRUE(all(file) == model);
  EXPECT_TRUE(*get("f") == model);
  const auto after = attributes(file);
  EXPECT_EQ(after->changed, before->changed);
  EXPECT_EQ(after->modified, before->modified);
  EXPECT_EQ(after->space_bytes, before->space_bytes);
  EXPECT_EQ(stat("f")->record.etag, object->record.etag);
  EXPECT_EQ(stat("f")->record.blob_bytes, 4 * kMiB);
  EXPECT_EQ(damage(), "");
  const uint64_t bytes = written();
  ASSERT_TRUE(settle());
  EXPECT_EQ(written(), bytes);
}

TEST_F(Rewrite, small_writes_one_after_another_become_large_extents) {
  set_slack(kMiB);
  const FileId file = make("log");
  Bytes model;
  for (uint64_t i = 0; i < 1000; ++i) {
    const Bytes line = make_data(i, kBlock);
    ASSERT_TRUE(put(file, model.size(), line, plane::Stability::kFileSync));
    model += line;
    if (i % 100 == 99) ASSERT_TRUE(rewrite());
  }
  EXPECT_LT(records(kv::Space::kExtents), 300u);
  EXPECT_TRUE(all(file) == model);
  EXPECT_EQ(damage(), "");
}

TEST_F(Rewrite, is_remembered_through_a_restart) {
  set_slack(0);
  Bytes model(2 * kMiB, 0);
  const FileId file = make_worn("f", &model, 2);
  ASSERT_TRUE(memory_.tidy_up());
  ASSERT_GT(memory_.blobs().stats().live_bytes, 3 * kMiB);
  reopen();
  set_slack(0);
  ASSERT_TRUE(settle());
  EXPECT_EQ(memory_.blobs().stats().live_bytes, 2 * kMiB);
  EXPECT_EQ(noted(), 0u);
  EXPECT_TRUE(all(file) == model);
}

TEST_F(Rewrite, blobs_that_a_clone_or_a_copy_shares_are_left_alone) {
  set_slack(0);
  Bytes model = make_data(3, 2 * kMiB);
  const Bytes old = model;
  const FileId file = make("f"), clone = make("clone");
  ASSERT_TRUE(put(file, 0, model, plane::Stability::kFileSync));
  ASSERT_TRUE(run(files().clone_range(root_user(), file, 0, clone, 0, model.size(), plane::AccessCheck::kByMode)));
  ASSERT_TRUE(run(plane().copy(operator_caller(), ref("f"), ref("copy"), {})));
  ASSERT_TRUE(link(file, root(), "link"));
  wear(file, &model, 4, 300);
  EXPECT_EQ(noted(), 1u);
  ASSERT_TRUE(settle());
  EXPECT_EQ(noted(), 0u);
  // The old bytes once, the new ones once.
  uint64_t differ = 0;
  for (uint64_t at = 0; at < old.size(); at += kBlock) {
    if (old.compare(at, kBlock, model, at, kBlock) != 0) differ += kBlock;
  }
  EXPECT_EQ(memory_.blobs().stats().live_bytes, old.size() + differ);
  EXPECT_TRUE(all(file) == model);
  EXPECT_TRUE(*get("link") == model);
  EXPECT_TRUE(all(clone) == old);
  EXPECT_TRUE(*get("copy") == old);
  EXPECT_EQ(damage(), "");
}

Task<void> rewrite_and_say(plane::Janitor* janitor, bool* done) {
  EXPECT_TRUE(co_await janitor->rewrite_files());
  *done = true;
  co_return ok;
}

Task<void> overwrite_beside(plane::PlaneImpl* plane, plane::FileId file, Bytes* model) {
  bool done = false;
  rt::TaskGroup group;
  group.spawn(rewrite_and_say(&plane->janitor(), &done));
  rt::Rng rng(11);
  uint64_t writes = 0;
  for (; !done && writes < 5000; ++writes) {
    const Bytes piece = make_data(rng.next(), 1 + rng.below(20'000));
    const uint64_t at = rng.below(model->size() - piece.size());
    model->replace(at, piece.size(), piece);
    const auto how = rng.below(3) == 0 ? plane::Stability::kFileSync : plane::Stability::kUnstable;
    TP_CO_TRY_VOID(
        co_await plane->files().write(root_user(), file, at, payload_of(piece), how, plane::AccessCheck::kByMode));
    if (writes % 8 != 0) continue;
    TP_CO_TRY(const Bytes now, co_await read_whole(&plane->files(), file));
    EXPECT_TRUE(now == *model) << writes;
  }
  EXPECT_GT(writes, 3u);
  co_await group.join();
  TP_CO_TRY_VOID(co_await plane->files().commit(file));
  co_return ok;
}

TEST_F(Rewrite, leaves_alone_what_changes_meanwhile) {
  set_slack(kMiB);
  Bytes model(12 * kMiB, 0);
  const FileId file = make_worn("f", &model, 5);
  ASSERT_TRUE(run(overwrite_beside(&plane(), file, &model)));
  EXPECT_TRUE(all(file) == model);
  EXPECT_TRUE(*get("f") == model);
  EXPECT_EQ(damage(), "");
  ASSERT_TRUE(settle());
  EXPECT_TRUE(all(file) == model);
  ASSERT_TRUE(unlink(root(), "f"));
  EXPECT_EQ(live_blob_bytes(), 0u);
}

Task<void> get_beside(plane::PlaneImpl* plane, const Bytes* model) {
  bool done = false;
  rt::TaskGroup group;
  TP_CO_TRY(auto slow, co_await plane->open_reader(operator_caller(), {"vol", "f"}));
  group.spawn(rewrite_and_say(&plane->janitor(), &done));
  int gets = 0;
  while (!done) {
    ++gets;
    TP_CO_TRY(const Bytes got, co_await get_object(plane, {"vol", "f"}));
    EXPECT_TRUE(got == *model) << gets;
    TP_CO_TRY_VOID(co_await plane->core().dead_blobs.collect());
  }
  EXPECT_GT(gets, 1);
  co_await group.join();
  TP_CO_TRY_VOID(co_await plane->core().dead_blobs.collect());
  Bytes got;
  while (got.size() < model->size()) {
    TP_CO_TRY(const io::SendRegion region, co_await slow->next());
    got.append(region.bytes);
  }
  EXPECT_TRUE(got == *model);
  co_return ok;
}

TEST_F(Rewrite, S3_reads_the_same_before_during_and_after) {
  set_slack(0);
  Bytes model(12 * kMiB, 0);
  make_worn("f", &model, 6);
  ASSERT_TRUE(run(get_beside(&plane(), &model)));
  EXPECT_EQ(live_blob_bytes(), model.size());
}

Task<void> remove_beside(plane::PlaneImpl* plane, int turns) {
  bool done = false;
  rt::TaskGroup group;
  group.spawn(rewrite_and_say(&plane->janitor(), &done));
  for (int i = 0; i < turns && !done; ++i) co_await rt::yield();
  TP_CO_TRY_VOID(co_await plane->remove(operator_caller(), {"vol", "f"}, {}));
  co_await group.join();
  co_return ok;
}

TEST_F(Rewrite, a_file_that_is_removed_meanwhile_leaves_nothing_behind) {
  set_slack(0);
  for (int turns = 0; turns < 2000; turns = turns * 4 + 1) {
    Bytes model(12 * kMiB, 0);
    make_worn("f", &model, 7);
    ASSERT_TRUE(run(remove_beside(&plane(), turns))) << turns;
    ASSERT_TRUE(rewrite());
    EXPECT_EQ(live_blob_bytes(), 0u) << turns;
    EXPECT_EQ(noted(), 0u);
    EXPECT_EQ(damage(), "");
  }
}

TEST_F(Rewrite, power_may_go_at_any_call) {
  for (uint64_t nth = 1; nth < 500 && !HasFailure(); ++nth) {
    SCOPED_TRACE(nth);
    set_slack(0);
    Bytes model(kMiB / 4, 0);
    const FileId file = make_worn("f", &model, nth);
    memory_.files().set_plan({.fail_at = nth, .and_all_after = true});
    const auto done = rewrite();
    const bool happened = memory_.files().fault_happened();
    memory_.crash(nth);
    ASSERT_TRUE(memory_.open());
    EXPECT_TRUE(all(file) == model);
    EXPECT_TRUE(*get("f") == model);
    EXPECT_EQ(damage(), "");
    set_slack(0);
    ASSERT_TRUE(settle());
    EXPECT_EQ(memory_.blobs().stats().live_bytes, model.size());
    EXPECT_TRUE(all(file) == model);
    ASSERT_TRUE(unlink(root(), "f"));
    EXPECT_EQ(live_blob_bytes(), 0u);
    if (happened) continue;
    EXPECT_TRUE(done);
    EXPECT_GT(nth, 3u);
    return;
  }
  FAIL() << "it never got through";
}

TEST_F(Rewrite, a_call_that_fails_leaves_the_file_as_it_was) {
  for (uint64_t nth = 1; nth < 500 && !HasFailure(); ++nth) {
    SCOPED_TRACE(nth);
    set_slack(0);
    Bytes model(kMiB / 4, 0);
    const FileId file = make_worn("f", &model, nth);
    memory_.files().set_plan({.fail_at = nth, .partial_write = true});
    (void)rewrite();
    const bool happened = memory_.files().fault_happened();
    memory_.files().set_plan({});
    EXPECT_TRUE(all(file) == model);
    EXPECT_TRUE(*get("f") == model);
    EXPECT_EQ(damage(), "");
    reopen();  // after a failed sync nothing is written
    set_slack(0);
    ASSERT_TRUE(settle());
    EXPECT_EQ(memory_.blobs().stats().live_bytes, model.size());
    EXPECT_TRUE(all(file) == model);
    ASSERT_TRUE(unlink(root(), "f"));
    EXPECT_EQ(live_blob_bytes(), 0u);
    if (!happened) return;
  }
  FAIL() << "it never got through";
}

TEST_F(Rewrite, a_damaged_piece_stays_and_the_rest_is_rewritten) {
  set_slack(0);
  Bytes model(2 * kMiB, 0);
  const FileId file = make_worn("f", &model, 9);
  auto walk = memory_.engine().iterate(kv::Space::kBlobs, {});
  walk->seek("b");
  ASSERT_TRUE(walk->valid());
  const auto blob = plane::decode_blob_record(BlobId(get_be<uint64_t>(walk->key().data() + 1)), walk->value());
  ASSERT_TRUE(blob);
  const std::string segment = "blobs/" + blob::segment_file_name(blob->segment);
  for (uint64_t at = 0; at < blob->length_bytes; at += blob::kChecksumUnitBytes) {
    ASSERT_TRUE(memory_.files().flip_bit(segment, blob->offset + at, 3));
  }
  ASSERT_TRUE(settle());
  EXPECT_LT(memory_.blobs().stats().live_bytes, 2 * model.size());
  EXPECT_NE(damage(), "");
  uint64_t good = 0;
  for (uint64_t at = 0; at < model.size(); at += kBlock) {
    auto part = run(files().read(root_user(), file, at, kBlock, plane::AccessCheck::kByMode));
    if (!part) continue;
    Bytes bytes;
    for (const io::SendRegion& region : part->regions) bytes.append(region.bytes);
    EXPECT_TRUE(bytes == model.substr(at, kBlock)) << at;
    good += kBlock;
  }
  EXPECT_GT(good, model.size() / 2);
  EXPECT_LT(good, model.size());
}

}  // namespace
}  // namespace tp::test
