#include "backend/rocksdb/log_check.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/hash/crc.h"

namespace tp::rocks {

namespace {

constexpr size_t kBlockBytes = 32 << 10;
constexpr size_t kHeaderBytes = 7;
enum RecordType : uint8_t { kZero = 0, kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

uint32_t get_le32(const char* in) {
  uint32_t value = 0;
  for (int i = 3; i >= 0; --i) value = (value << 8) | static_cast<uint8_t>(in[i]);
  return value;
}

// RocksDB stores checksums masked, because a checksum of data that holds checksums is weak.
uint32_t unmask(uint32_t masked) {
  const uint32_t rotated = masked - 0xa282ead8u;
  return (rotated >> 17) | (rotated << 15);
}

// What the logs have shown so far, in order.
struct Walk {
  std::string path;             // of the log at hand
  bool inside = false;          // between the first and the last fragment of a record
  uint64_t record_offset = 0;   // of its first fragment
  std::optional<TornTail> broken;
  uint64_t broken_offset = 0;

  void mark_broken(uint64_t offset) {
    if (!broken) {
      broken = TornTail{path, inside ? record_offset : offset};
      broken_offset = offset;
    }
    inside = false;
  }
  // False: a record starts whole after the break.
  bool whole_fragment(uint8_t type, uint64_t offset) {
    const bool starts = type == kFull || type == kFirst;
    if (starts && broken) return false;
    if (starts == inside) {
      mark_broken(offset);
      return !starts;
    }
    if (starts) record_offset = offset;
    inside = type == kFirst || type == kMiddle;
    return true;
  }
};

bool fragment_fits(BytesView block, size_t at, size_t* length, uint8_t* type) {
  const char* header = block.data() + at;
  *length = static_cast<uint8_t>(header[4]) | static_cast<size_t>(static_cast<uint8_t>(header[5])) << 8;
  *type = static_cast<uint8_t>(header[6]);
  return *length <= block.size() - at - kHeaderBytes;
}

bool checksum_matches(BytesView block, size_t at, size_t length) {
  return crc32c(0, block.substr(at + 6, 1 + length)) == unmask(get_le32(block.data() + at));
}

// Where a length may be wrong, the next header cannot be found by it: look at every byte of the block.
bool holds_a_start(BytesView block, size_t from) {
  for (size_t at = from; at + kHeaderBytes <= block.size(); ++at) {
    size_t length = 0;
    uint8_t type = 0;
    if (!fragment_fits(block, at, &length, &type)) continue;
    if ((type == kFull || type == kFirst) && checksum_matches(block, at, length)) return true;
  }
  return false;
}

// One block; false as soon as a record starts whole after the break.
bool walk_block(BytesView block, uint64_t block_offset, Walk* walk) {
  size_t at = 0;
  while (block.size() - at >= kHeaderBytes) {
    size_t length = 0;
    uint8_t type = 0;
    const bool fits = fragment_fits(block, at, &length, &type);
    if (!fits || type == kZero || type > kLast || !checksum_matches(block, at, length)) {
      walk->mark_broken(block_offset + at);
      return !holds_a_start(block, at + 1);
    }
    if (!walk->whole_fragment(type, block_offset + at)) return false;
    at += kHeaderBytes + length;
  }
  // The writer fills what is left of a block with zeros; a shorter end is a header cut off.
  if (at < block.size() && block.size() < kBlockBytes) walk->mark_broken(block_offset + at);
  return true;
}

Error io_error(const std::string& path) { return Error(Code::kIo, path + ": " + std::strerror(errno)); }

Result<bool> walk_file(const std::string& path, Walk* walk) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
  if (!file) return std::unexpected(io_error(path));
  walk->path = path;
  std::vector<char> block(kBlockBytes);
  uint64_t offset = 0;
  for (;;) {
    const size_t got = std::fread(block.data(), 1, kBlockBytes, file.get());
    if (got == 0 && std::ferror(file.get())) return std::unexpected(io_error(path));
    if (got == 0) break;
    if (!walk_block({block.data(), got}, offset, walk)) return false;
    offset += got;
  }
  if (walk->inside) walk->mark_broken(offset);
  return true;
}

std::string file_name(const std::string& path) { return std::filesystem::path(path).filename(); }

}  // namespace

Result<std::optional<TornTail>> check_logs(const std::string& folder) {
  std::vector<std::pair<uint64_t, std::string>> logs;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename();
    const size_t digits = name.find_first_not_of("0123456789");
    if (digits == 0 || digits == std::string::npos || name.substr(digits) != ".log") continue;
    logs.emplace_back(std::strtoull(name.c_str(), nullptr, 10), entry->path().string());
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return fail(Code::kIo, folder + ": " + error.message());
  }
  std::sort(logs.begin(), logs.end());
  Walk walk;
  for (const auto& [number, path] : logs) {
    TP_TRY(const bool whole, walk_file(path, &walk));
    if (!whole) {
      return fail(Code::kCorruption, "the log " + file_name(walk.broken->path) + " is damaged at byte " +
                                         std::to_string(walk.broken_offset) + ": whole records follow in " +
                                         file_name(path));
    }
  }
  return std::move(walk.broken);
}

Result<void> cut_tail(const TornTail& tail) {
  const int fd = open(tail.path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return std::unexpected(io_error(tail.path));
  const bool cut = ftruncate(fd, static_cast<off_t>(tail.whole_bytes)) == 0 && fsync(fd) == 0;
  const Error error = cut ? Error() : io_error(tail.path);
  close(fd);
  if (!cut) return std::unexpected(error);
  return ok;
}

}  // namespace tp::rocks
