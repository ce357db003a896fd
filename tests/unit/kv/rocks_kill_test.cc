// Kills a process that writes, again and again, and looks for what it had been told was durable.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <random>

#include "backend/rocksdb/rocks_engine.h"
#include "unit/kv/temporary_folder.h"

extern char** environ;

namespace tp::kv {
namespace {

constexpr const char* kFolderVariable = "TOKENPLANE_KILL_TEST_FOLDER";
constexpr const char* kPipeVariable = "TOKENPLANE_KILL_TEST_PIPE";

// Small memtables, so that flushes, new logs and blob files happen all the time.
Result<std::unique_ptr<KvEngine>> open(const std::string& path) {
  return rocks::RocksEngine::open(
      {.path = path, .block_cache_bytes = 4 << 20, .memtable_bytes = 2 << 20, .max_log_bytes = 4 << 20});
}

Bytes value_of(uint64_t i) { return Bytes(i * 7919 % 20'000, static_cast<char>('a' + i % 26)); }

// What number i is stored as, in two spaces at once.
std::vector<Write> batch_of(uint64_t i) {
  return {{Space::kNames, std::to_string(i), std::to_string(i)}, {Space::kData, std::to_string(i), value_of(i)}};
}

// The writer: not a test of its own, but started by the one below in a process of its own.
TEST(RocksKill, DISABLED_Writer) {
  const char* folder = std::getenv(kFolderVariable);
  const char* pipe = std::getenv(kPipeVariable);
  if (folder == nullptr || pipe == nullptr) GTEST_SKIP() << "started by AcknowledgedWritesSurviveKills only";
  const int fd = std::atoi(pipe);
  auto engine = open(folder);
  ASSERT_TRUE(engine) << engine.error().to_string();
  uint64_t next = 0;
  {
    const auto last = (*engine)->get(Space::kMeta, "next").value();
    if (last) next = get_be<uint64_t>(last->data());
  }
  for (uint64_t i = next;; ++i) {
    auto batch = batch_of(i);
    Bytes counter;
    append_be(counter, i + 1);
    batch.push_back({Space::kMeta, "next", counter});
    if (!(*engine)->write(batch, Durability::kSync)) return;
    if (::write(fd, &i, sizeof i) != sizeof i) return;
  }
}

class Writer {
 public:
  explicit Writer(const std::string& folder) {
    int ends[2];
    if (pipe(ends) != 0) std::abort();
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    read_end_ = ends[0];
    setenv(kFolderVariable, folder.c_str(), 1);
    setenv(kPipeVariable, std::to_string(ends[1]).c_str(), 1);
    std::string program = "/proc/self/exe", filter = "--gtest_filter=RocksKill.DISABLED_Writer",
                disabled = "--gtest_also_run_disabled_tests", quiet = "--gtest_brief=1";
    char* arguments[] = {program.data(), filter.data(), disabled.data(), quiet.data(), nullptr};
    if (posix_spawn(&pid_, "/proc/self/exe", nullptr, nullptr, arguments, environ) != 0) std::abort();
    unsetenv(kFolderVariable);
    unsetenv(kPipeVariable);
    close(ends[1]);
  }
  ~Writer() { close(read_end_); }
  // The next acknowledged number; nothing once the writer is gone and all are read.
  std::optional<uint64_t> next() {
    uint64_t number = 0;
    if (read(read_end_, &number, sizeof number) != sizeof number) return std::nullopt;
    return number;
  }
  void kill() {
    ::kill(pid_, SIGKILL);
    int status = 0;
    waitpid(pid_, &status, 0);
  }

 private:
  pid_t pid_ = 0;
  int read_end_ = -1;
};

TEST(RocksKill, AcknowledgedWritesSurviveKills) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const TemporaryFolder folder;
  std::optional<uint64_t> last;
  for (int round = 0; round < 10; ++round) {
    Writer writer(folder.path());
    const auto before = last;
    for (auto left = static_cast<int>(random() % 1000); left >= 0; --left) {
      const auto number = writer.next();
      ASSERT_TRUE(number) << "the writer ended by itself";
      last = number;
    }
    writer.kill();
    while (const auto number = writer.next()) last = number;
    auto engine = open(folder.path());
    ASSERT_TRUE(engine) << engine.error().to_string();
    for (uint64_t i = before.value_or(0); i <= *last; ++i) {
      for (const Write& write : batch_of(i)) {
        const auto stored = (*engine)->get(write.space, write.key).value();
        ASSERT_EQ(stored, write.value) << "number " << i << " was acknowledged";
      }
    }
    // One more may have been written and not acknowledged: whole or not at all.
    const Bytes after = std::to_string(*last + 1);
    EXPECT_EQ((*engine)->get(Space::kNames, after).value().has_value(),
              (*engine)->get(Space::kData, after).value().has_value());
    ASSERT_TRUE((*engine)->verify());
  }
}

}  // namespace
}  // namespace tp::kv
