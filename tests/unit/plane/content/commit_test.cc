#include <gtest/gtest.h>

#include "rt/await.h"
#include "rt/task_group.h"
#include "plane/content/commit.h"
#include "unit/plane/content/content_fixture.h"

namespace tp::test {
namespace {

using Commit = ContentFixture;

TEST_F(Commit, unstable_bytes_are_the_files_at_once_and_s3s_when_committed) {
  const FileId file = make("f");
  ASSERT_TRUE(put(file, 0, Bytes(200'000, 'x')));
  EXPECT_EQ(all(file), Bytes(200'000, 'x'));
  EXPECT_EQ(*get("f"), "");
  ASSERT_TRUE(run(files().commit(file)));
  EXPECT_EQ(*get("f"), Bytes(200'000, 'x'));
}

TEST_F(Commit, overwrites_small_data_and_extents_with_holes_between) {
  const FileId file = make("f");
  Bytes model = "hello";
  ASSERT_TRUE(put(file, 0, model, plane::Stability::kFileSync));
  for (const uint64_t offset : {70'000u, 3u, 300'000u, 69'999u, 150'000u}) {
    const Bytes piece(10'000, static_cast<char>('a' + offset % 26));
    ASSERT_TRUE(put(file, offset, piece, plane::Stability::kFileSync));
    if (model.size() < offset + piece.size()) model.resize(offset + piece.size());
    model.replace(offset, piece.size(), piece);
    ASSERT_EQ(all(file), model);
    ASSERT_EQ(*get("f"), model);
  }
  EXPECT_LT(counters().bytes, model.size());
  plane::SetAttributes size;
  for (const uint64_t bytes : {350'000u, 100u, 80'000u, 0u, 70u}) {
    size.size_bytes = bytes;
    ASSERT_TRUE(set(file, size));
    model.resize(bytes);
    ASSERT_EQ(all(file), model);
    ASSERT_EQ(*get("f"), model);
  }
}

TEST_F(Commit, what_was_not_committed_is_lost_with_the_process_and_the_verifier_says_so) {
  const FileId file = make("f");
  ASSERT_TRUE(put(file, 0, "kept", plane::Stability::kFileSync));
  ASSERT_TRUE(put(file, 0, "lost"));
  const uint64_t verifier = files().write_verifier();
  reopen();
  EXPECT_NE(files().write_verifier(), verifier);
  EXPECT_EQ(all(file), "kept");
}

TEST_F(Commit, many_pieces_share_blobs_and_overwritten_blobs_go) {
  const FileId file = make("f");
  for (uint64_t i = 0; i < 100; ++i) ASSERT_TRUE(put(file, i * 20'000, Bytes(4096, 'p')));
  ASSERT_TRUE(run(files().commit(file)));
  EXPECT_LT(live_blob_bytes(), 500'000u);
  ASSERT_TRUE(put(file, 0, Bytes(2'000'000, 'q'), plane::Stability::kFileSync));
  EXPECT_EQ(all(file), Bytes(2'000'000, 'q'));
  ASSERT_TRUE(unlink(root(), "f"));
}

TEST_F(Commit, what_a_client_left_uncommitted_is_written_back_when_it_is_old) {
  std::vector<FileId> made;
  for (const char* name : {"a", "b"}) {
    made.push_back(make(name));
    ASSERT_TRUE(put(made.back(), 0, Bytes(100'000, *name)));
  }
  const auto step = [](plane::Core* core, rt::Nanos age) -> Task<void> {
    plane::write_back(*core, age);
    co_return co_await core->join_clean_ups();
  };
  plane::Core& core = plane().core();
  ASSERT_TRUE(run(step(&core, plane::kWriteBackAge)));
  EXPECT_EQ(*get("a"), "");
  ASSERT_TRUE(run(step(&core, 0)));
  EXPECT_EQ(*get("a"), Bytes(100'000, 'a'));
  EXPECT_EQ(*get("b"), Bytes(100'000, 'b'));
  EXPECT_EQ(core.open_files.dirty_bytes.load(), 0u);
  // Who comes back goes on.
  ASSERT_TRUE(put(made[0], 0, "x", plane::Stability::kFileSync));
  EXPECT_EQ(get("a")->substr(0, 2), "xa");
}

TEST_F(Commit, scattered_pieces_go_in_several_transactions_and_all_arrive) {
  const FileId file = make("f");
  constexpr uint64_t kPieces = 3000, kStride = 6000;
  Bytes model(kPieces * kStride, '\0');
  for (uint64_t i = 0; i < kPieces; ++i) {
    const Bytes piece(700, static_cast<char>('a' + i % 26));
    model.replace(i * kStride, piece.size(), piece);
    ASSERT_TRUE(put(file, i * kStride, piece));
  }
  model.resize((kPieces - 1) * kStride + 700);
  const uint64_t before = memory_.meta().stats().transactions;
  ASSERT_TRUE(commit(file));
  EXPECT_GE(memory_.meta().stats().transactions - before, 3u);
  EXPECT_LT(memory_.meta().stats().transactions - before, 10u);
  EXPECT_TRUE(all(file) == model);
  EXPECT_TRUE(*get("f") == model);
  EXPECT_EQ(damage(), "");
}

Task<void> write_pieces(plane::Files* files, plane::FileId file, Bytes* model, uint64_t seed) {
  rt::Rng rng(seed);
  for (int i = 0; i < 4000; ++i) {
    const Bytes piece = make_data(rng.next(), 1 + rng.below(3000));
    const uint64_t offset = rng.below(model->size() - piece.size());
    model->replace(offset, piece.size(), piece);
    const auto stability = i % 500 == 499 ? plane::Stability::kFileSync : plane::Stability::kUnstable;
    TP_CO_TRY_VOID(co_await files->write(root_user(), file, offset, payload_of(piece), stability,
                                         plane::AccessCheck::kByMode));
  }
  co_return ok;
}

Task<void> commit_again_and_again(plane::Files* files, plane::FileId file, const bool* enough) {
  while (!*enough) {
    const auto done = co_await files->commit(file);
    EXPECT_TRUE(done);
    co_await rt::yield();
  }
  co_return ok;
}

Task<void> write_and_commit(plane::Files* files, plane::FileId file, Bytes* model) {
  bool enough = false;
  rt::TaskGroup group;
  group.spawn(commit_again_and_again(files, file, &enough));
  auto written = co_await write_pieces(files, file, model, 5);
  enough = true;
  co_await group.join();
  co_return written;
}

TEST_F(Commit, writes_beside_commits_are_never_lost_or_undone) {
  const FileId file = make("f");
  Bytes model(3 << 20, 'x');
  ASSERT_TRUE(put(file, 0, model, plane::Stability::kFileSync));
  ASSERT_TRUE(run(write_and_commit(&files(), file, &model)));
  EXPECT_TRUE(all(file) == model);
  ASSERT_TRUE(commit(file));
  EXPECT_TRUE(*get("f") == model);
  EXPECT_EQ(damage(), "");
}

}  // namespace
}  // namespace tp::test
