// What io::FileSystem promises, asked of the local directory (ring and pool) and of the one in memory.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "backend/local/anonymous_memory.h"
#include "backend/local/directory_lock.h"
#include "backend/local/uring_file_system.h"
#include "backend/memory/memory_file_system.h"
#include "rt/await.h"

namespace tp {
namespace {

using io::Caching;
using io::OpenMode;

struct AlignedBlock {
  explicit AlignedBlock(size_t size_in) : size(size_in), data(static_cast<char*>(std::aligned_alloc(4096, size_in))) {
    std::fill(data, data + size, 0);
  }
  ~AlignedBlock() { std::free(data); }
  AlignedBlock(const AlignedBlock&) = delete;
  AlignedBlock& operator=(const AlignedBlock&) = delete;
  MutableBytes bytes() { return {data, size}; }
  BytesView view() const { return {data, size}; }
  size_t size;
  char* data;
};

std::string temporary_directory() {
  std::string pattern = std::filesystem::temp_directory_path() / "tp_io_XXXXXX";
  EXPECT_NE(mkdtemp(pattern.data()), nullptr);
  return pattern;
}

enum class Kind { kRing, kPool, kMemory };

class FileSystemTest : public testing::TestWithParam<Kind> {
 protected:
  FileSystemTest() : runtime_({.loops = 2}), root_(temporary_directory()) {
    if (GetParam() == Kind::kMemory) {
      files_ = std::make_unique<memory::MemoryFileSystem>();
    } else {
      auto opened =
          local::UringFileSystem::open({.root = root_, .runtime = &runtime_, .use_uring = GetParam() == Kind::kRing});
      EXPECT_TRUE(opened);
      files_ = std::move(*opened);
    }
  }
  ~FileSystemTest() override {
    files_.reset();
    std::filesystem::remove_all(root_);
  }
  rt::Runtime runtime_;
  std::string root_;
  std::unique_ptr<io::FileSystem> files_;
};

Task<void> write_and_read(io::FileSystem* files, Caching caching) {
  TP_CO_TRY_VOID(co_await files->make_directory("a/b"));
  TP_CO_TRY(auto file, co_await files->open("a/b/file", OpenMode::kCreate, caching));
  AlignedBlock out(3 << 20);
  for (size_t i = 0; i < out.size; ++i) out.data[i] = static_cast<char>(i * 2654435761u >> 13);
  TP_CO_TRY_VOID(co_await file->allocate(0, 4 << 20));
  EXPECT_EQ(file->size().value(), 4u << 20);
  TP_CO_TRY_VOID(co_await file->write_at(4096, out.view()));
  TP_CO_TRY_VOID(co_await file->sync());
  TP_CO_TRY_VOID(co_await files->sync_directory("a/b"));

  AlignedBlock in(3 << 20);
  TP_CO_TRY_VOID(co_await file->read_at(4096, in.bytes()));
  EXPECT_EQ(in.view(), out.view());

  TP_CO_TRY_VOID(co_await file->punch_hole(8192, 8192));
  AlignedBlock hole(8192);
  TP_CO_TRY_VOID(co_await file->read_at(8192, hole.bytes()));
  EXPECT_EQ(hole.view(), BytesView(std::string(8192, '\0')));

  // Past the end is an error, not fewer bytes.
  auto past = co_await file->read_at((4 << 20) - 4096, hole.bytes());
  EXPECT_EQ(past.error().code, Code::kOutOfRange);
  co_return ok;
}

TEST_P(FileSystemTest, WhatWasWrittenIsReadBackAndHolesAreZero) {
  const auto direct = runtime_.block_on(write_and_read(files_.get(), Caching::kDirect));
  EXPECT_TRUE(direct) << direct.error().to_string();
  ASSERT_TRUE(runtime_.block_on(files_->remove("a/b/file")));
  const auto buffered = runtime_.block_on(write_and_read(files_.get(), Caching::kBuffered), 1);
  EXPECT_TRUE(buffered) << buffered.error().to_string();
}

Task<void> names(io::FileSystem* files) {
  EXPECT_EQ((co_await files->open("none", OpenMode::kRead, Caching::kBuffered)).error().code, Code::kNotFound);
  EXPECT_EQ((co_await files->remove("none")).error().code, Code::kNotFound);
  TP_CO_TRY_VOID(co_await files->make_directory("dir"));
  TP_CO_TRY_VOID(co_await files->make_directory("dir"));
  for (const char* name : {"dir/one", "dir/two"}) {
    TP_CO_TRY(auto file, co_await files->open(name, OpenMode::kCreate, Caching::kBuffered));
  }
  EXPECT_EQ((co_await files->open("dir/one", OpenMode::kCreate, Caching::kBuffered)).error().code,
            Code::kAlreadyExists);
  TP_CO_TRY(auto listed, co_await files->list("dir"));
  std::sort(listed.begin(), listed.end());
  EXPECT_EQ(listed, (std::vector<std::string>{"one", "two"}));
  TP_CO_TRY_VOID(co_await files->remove("dir/one"));
  TP_CO_TRY(listed, co_await files->list("dir"));
  EXPECT_EQ(listed, (std::vector<std::string>{"two"}));
  EXPECT_EQ((co_await files->list("no-dir")).error().code, Code::kNotFound);
  for (const char* name : {"", "/etc/passwd", "../up", "dir/../../up", "dir//one", "dir/."}) {
    EXPECT_EQ((co_await files->open(name, OpenMode::kRead, Caching::kBuffered)).error().code, Code::kInvalidArgument)
        << name;
  }
  EXPECT_GT(files->space()->free_bytes, 0u);
  co_return ok;
}

TEST_P(FileSystemTest, NamesAreKeptAndNeverLeaveTheRoot) {
  const auto result = runtime_.block_on(names(files_.get()));
  EXPECT_TRUE(result) << result.error().to_string();
}

Task<void> write_block(io::File* file, uint64_t index, int* failures) {
  AlignedBlock block(4096);
  std::fill(block.data, block.data + 4096, static_cast<char>('a' + index % 26));
  if (!co_await file->write_at(index * 4096, block.view())) ++*failures;
  co_return ok;
}
Task<int> many_writes(io::File* file, uint64_t count) {
  int failures = 0;
  rt::TaskGroup group;
  for (uint64_t i = 0; i < count; ++i) group.spawn(write_block(file, i, &failures));
  co_await group.join();
  AlignedBlock all(count * 4096);
  TP_CO_TRY_VOID(co_await file->read_at(0, all.bytes()));
  for (uint64_t i = 0; i < count; ++i) failures += all.data[i * 4096 + 7] != static_cast<char>('a' + i % 26);
  co_return failures;
}
Task<std::unique_ptr<io::File>> create(io::FileSystem* files, std::string name) {
  return files->open(std::move(name), OpenMode::kCreate, Caching::kDirect);
}

TEST_P(FileSystemTest, ThousandsOfWritesInFlightAllArrive) {
  auto file = runtime_.block_on(create(files_.get(), "busy"));
  ASSERT_TRUE(file);
  EXPECT_EQ(runtime_.block_on(many_writes(file->get(), 3000)).value(), 0);
  EXPECT_EQ(runtime_.block_on(many_writes(file->get(), 3000), 1).value(), 0);
}

INSTANTIATE_TEST_SUITE_P(All, FileSystemTest, testing::Values(Kind::kRing, Kind::kPool, Kind::kMemory));

TEST(UringFileSystem, TheRingIsInUseWhereTheKernelHasOne) {
  rt::Runtime runtime({.loops = 1});
  auto files = local::UringFileSystem::open({.root = temporary_directory(), .runtime = &runtime});
  ASSERT_TRUE(files);
  auto ask = [](local::UringFileSystem* system) -> Task<bool> { co_return system->ring() != nullptr; };
  const bool in_use = runtime.block_on(ask(files->get())).value();
  if (!in_use) GTEST_SKIP() << "this kernel refuses io_uring";
  std::filesystem::remove_all((*files)->root());
}

TEST(UringFileSystem, AMissingRootIsNamed) {
  rt::Runtime runtime({.loops = 1});
  auto files = local::UringFileSystem::open({.root = "/nonexistent/here", .runtime = &runtime, .create_root = false});
  ASSERT_FALSE(files);
  EXPECT_EQ(files.error().code, Code::kNotFound);
  EXPECT_NE(files.error().message.find("/nonexistent/here"), std::string::npos);
}

Task<void> write_to_full(io::FileSystem* files) {
  TP_CO_TRY(auto file, co_await files->open("full", OpenMode::kReadWrite, Caching::kDirect));
  AlignedBlock block(4096);
  co_return co_await file->write_at(0, block.view());
}

TEST(UringFileSystem, AFullDiskIsNoSpace) {
  rt::Runtime runtime({.loops = 1});
  const std::string root = temporary_directory();
  ASSERT_EQ(symlink("/dev/full", (root + "/full").c_str()), 0);
  auto files = local::UringFileSystem::open({.root = root, .runtime = &runtime});
  ASSERT_TRUE(files);
  EXPECT_EQ(runtime.block_on(write_to_full(files->get())).error().code, Code::kNoSpace);
  files->reset();
  std::filesystem::remove_all(root);
}

TEST(AnonymousMemory, ReadsAsZerosOnceDetached) {
  auto memory = local::AnonymousMemory::make(3 << 20);
  ASSERT_TRUE(memory);
  EXPECT_EQ((*memory)->bytes().size(), 4u << 20) << "whole huge pages";
  std::fill_n((*memory)->bytes().data(), 4 << 20, 'x');
  if ((*memory)->detach_unit() != 0) {
    (*memory)->detach(2 << 20, 2 << 20);
    EXPECT_EQ((*memory)->bytes()[(2 << 20) - 1], 'x');
    EXPECT_EQ((*memory)->bytes()[2 << 20], '\0');
  }
  EXPECT_FALSE(local::AnonymousMemory::make(0));
  EXPECT_FALSE(local::AnonymousMemory::make(~0ull));
}

TEST(DirectoryLock, IsHeldByOneAndNamesItsOwner) {
  const std::string root = temporary_directory();
  auto first = local::DirectoryLock::take(root);
  ASSERT_TRUE(first);
  auto second = local::DirectoryLock::take(root);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::kBusy);
  EXPECT_NE(second.error().message.find(std::to_string(getpid())), std::string::npos);
  first->reset();
  EXPECT_TRUE(local::DirectoryLock::take(root));
  EXPECT_EQ(local::DirectoryLock::take(root + "/gone").error().code, Code::kNotFound);
  std::filesystem::remove_all(root);
}

}  // namespace
}  // namespace tp
