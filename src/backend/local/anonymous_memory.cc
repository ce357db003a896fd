#include "backend/local/anonymous_memory.h"

#include <sys/mman.h>

#include <fstream>
#include <string>

#include "backend/local/posix_error.h"
#include "base/check.h"

namespace tp::local {

namespace {

/// Whether memory that asks for huge pages gets them on this machine.
bool huge_pages_on_request() {
  std::ifstream file("/sys/kernel/mm/transparent_hugepage/enabled");
  std::string line;
  return std::getline(file, line) &&
         (line.find("[always]") != std::string::npos || line.find("[madvise]") != std::string::npos);
}

}  // namespace

Result<std::unique_ptr<AnonymousMemory>> AnonymousMemory::make(uint64_t size_bytes) {
  constexpr uint64_t kMost = 1ull << 46;
  if (size_bytes == 0 || size_bytes > kMost) return fail(Code::kInvalidArgument, "cache memory: size out of range");
  size_bytes = (size_bytes + kHugePageBytes - 1) / kHugePageBytes * kHugePageBytes;
  const uint64_t mapped = size_bytes + kHugePageBytes;
  constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  void* mapping = ::mmap(nullptr, mapped, PROT_READ | PROT_WRITE, kFlags, -1, 0);
  if (mapping == MAP_FAILED) {
    return std::unexpected(
        error_from_errno(errno, "cache memory of " + std::to_string(size_bytes >> 20) + " MiB: mmap"));
  }
  const auto address = reinterpret_cast<uintptr_t>(mapping);
  const uint64_t skip = (kHugePageBytes - address % kHugePageBytes) % kHugePageBytes;
  char* data = static_cast<char*>(mapping) + skip;
  const bool huge = huge_pages_on_request() && ::madvise(data, size_bytes, MADV_HUGEPAGE) == 0;
  // A core dump of gigabytes of other people's data helps nobody.
  ::madvise(data, size_bytes, MADV_DONTDUMP);
  return std::unique_ptr<AnonymousMemory>(new AnonymousMemory(mapping, mapped, data, size_bytes, huge));
}

AnonymousMemory::~AnonymousMemory() {
  ::munmap(mapping_, mapped_bytes_);
}

void AnonymousMemory::detach(uint64_t offset, uint64_t size) {
  TP_CHECK(offset % kHugePageBytes == 0 && size % kHugePageBytes == 0);
  // A range that kept its pages could be rewritten under a send in flight: that must not pass unseen.
  TP_CHECK(::madvise(data_ + offset, size, MADV_DONTNEED) == 0);
}

}  // namespace tp::local
