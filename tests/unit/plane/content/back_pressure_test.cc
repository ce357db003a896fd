// Written bytes wait for room in memory: Plane::Options::file_write_bytes.
#include <atomic>

#include "rt/await.h"
#include "unit/plane/content/bytes_fixture.h"

namespace tp::test {
namespace {

constexpr size_t kRoom = 1 << 20;

class BackPressure : public BytesFixture {
 protected:
  BackPressure() : BytesFixture({.loops = 2, .file_write_bytes = kRoom}) {}
  uint64_t dirty() { return plane().core().open_files.dirty_bytes.load(); }
};

TEST_F(BackPressure, OneWriterOfManyFilesStaysWithinTheRoom) {
  std::vector<FileId> made;
  for (int i = 0; i < 20; ++i) made.push_back(make("f" + std::to_string(i)));
  for (uint64_t i = 0; i < 200; ++i) {
    ASSERT_TRUE(write(made[i % made.size()], i / made.size() * 60'000, Bytes(60'000, static_cast<char>('a' + i % 26))));
    EXPECT_LE(dirty(), kRoom + 1024);  // a piece's own few bytes come on top
  }
  for (size_t f = 0; f < made.size(); ++f) {
    Bytes expected;
    for (size_t i = f; i < 200; i += made.size()) expected += Bytes(60'000, static_cast<char>('a' + i % 26));
    EXPECT_EQ(all(made[f]), expected);
  }
  for (const FileId& file : made) ASSERT_TRUE(run(files().commit(file)));
  EXPECT_EQ(dirty(), 0u);
  EXPECT_EQ(damage(), "");
}

TEST_F(BackPressure, AWriteLargerThanTheRoomGetsThrough) {
  const Bytes data = make_data(1, 3 * kRoom);
  const FileId file = make("f"), other = make("other");
  ASSERT_TRUE(write(other, 0, Bytes(kRoom / 2, 'o')));
  ASSERT_TRUE(write(file, 0, data));
  EXPECT_EQ(all(file), data);
  ASSERT_TRUE(write(other, kRoom / 2, Bytes(kRoom / 2, 'p')));
  EXPECT_LE(dirty(), kRoom + 1024);
  EXPECT_EQ(all(other), Bytes(kRoom / 2, 'o') + Bytes(kRoom / 2, 'p'));
  EXPECT_EQ(all(file), data);
}

/// What many writers beside one another saw.
struct Crowd {
  plane::Files* files = nullptr;
  std::atomic<uint64_t>* dirty = nullptr;
  std::atomic<uint64_t> most{0}, failed{0};
};

Task<void> write_pieces(Crowd* crowd, plane::FileId file, uint64_t first, bool stable) {
  for (uint64_t i = 0; i < 20; ++i) {
    const uint64_t piece = first + i;
    const auto written = co_await crowd->files->write(
        root_user(), file, piece * 50'000, payload(Bytes(50'000, static_cast<char>('a' + piece % 26))),
        stable && i % 5 == 0 ? plane::Stability::kFileSync : plane::Stability::kUnstable, plane::AccessCheck::kByMode);
    if (!written) ++crowd->failed;
    uint64_t seen = crowd->dirty->load(), most = crowd->most.load();
    while (seen > most && !crowd->most.compare_exchange_weak(most, seen)) {
    }
  }
  co_return ok;
}

Task<void> write_beside_one_another(rt::Runtime* runtime, Crowd* crowd, std::vector<plane::FileId> files) {
  rt::TaskGroup groups[2];
  for (unsigned loop = 0; loop < 2; ++loop) {
    co_await rt::resume_on(runtime->loop(loop));
    for (size_t f = 0; f < files.size(); ++f) {
      groups[loop].spawn(write_pieces(crowd, files[f], loop * 20, f % 2 == 0));
    }
  }
  for (unsigned loop = 0; loop < 2; ++loop) {
    co_await rt::resume_on(runtime->loop(loop));
    co_await groups[loop].join();
  }
  co_await rt::resume_on(runtime->loop(0));
  co_return ok;
}

TEST_F(BackPressure, ManyWritersWaitAndAllGetThrough) {
  std::vector<FileId> made;
  for (int i = 0; i < 12; ++i) made.push_back(make("f" + std::to_string(i)));
  Crowd crowd;
  crowd.files = &files();
  crowd.dirty = &plane().core().open_files.dirty_bytes;
  ASSERT_TRUE(run(write_beside_one_another(&memory_.runtime(), &crowd, made)));
  EXPECT_EQ(crowd.failed.load(), 0u);
  // Each loop may have found room for the same bytes.
  EXPECT_LE(crowd.most.load(), kRoom + 2 * 51'000);
  Bytes expected;
  for (uint64_t piece = 0; piece < 40; ++piece) expected += Bytes(50'000, static_cast<char>('a' + piece % 26));
  for (const FileId& file : made) {
    EXPECT_EQ(all(file), expected);
    ASSERT_TRUE(run(files().commit(file)));
  }
  EXPECT_EQ(dirty(), 0u);
  EXPECT_EQ(damage(), "");
}

TEST_F(BackPressure, AFullDiskRefusesInWordsOnceTheRoomIsUsedAndForgetsNothing) {
  const FileId file = make("f");
  memory_.files().set_plan({.fail_at = 1, .and_all_after = true, .code = Code::kNoSpace, .only_writes = true});
  Bytes model;
  Result<plane::WriteResult> answer;
  for (int i = 0; i < 100; ++i) {
    const Bytes piece(100'000, static_cast<char>('a' + i % 26));
    answer = write(file, model.size(), piece);
    if (!answer) break;
    model += piece;
  }
  EXPECT_TRUE(failed_with(answer, Code::kNoSpace));
  EXPECT_GT(model.size(), kRoom / 2);
  EXPECT_LE(model.size(), kRoom);
  EXPECT_EQ(all(file), model);
  EXPECT_TRUE(failed_with(run(files().commit(file)), Code::kNoSpace));
  memory_.files().set_plan({});
  ASSERT_TRUE(write(file, model.size(), "there is room"));
  model += "there is room";
  ASSERT_TRUE(run(files().commit(file)));
  reopen();
  EXPECT_EQ(all(file), model);
}

TEST_F(BackPressure, RemovingAFileGivesItsRoomBack) {
  const FileId file = make("f");
  ASSERT_TRUE(write(file, 0, Bytes(kRoom - 1000, 'x')));
  EXPECT_GE(dirty(), kRoom - 1000);
  ASSERT_TRUE(unlink(root(), "f"));
  EXPECT_EQ(dirty(), 0u);
}

}  // namespace
}  // namespace tp::test
