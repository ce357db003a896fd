#include "backend/local/mem_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "backend/local/posix_error.h"
#include "base/check.h"

namespace tp::local {

Result<std::unique_ptr<MemFile>> MemFile::make(uint64_t size_bytes) {
  constexpr uint64_t kPage = 4096;
  constexpr uint64_t kMost = 1ull << 46;
  if (size_bytes == 0 || size_bytes > kMost) return fail(Code::kInvalidArgument, "cache memory: size out of range");
  size_bytes = (size_bytes + kPage - 1) / kPage * kPage;
  const std::string what = "cache memory of " + std::to_string(size_bytes >> 20) + " MiB: ";
  const int descriptor = ::memfd_create("tokenplane-cache", MFD_CLOEXEC);
  if (descriptor < 0) return std::unexpected(error_from_errno(errno, what + "memfd_create"));
  if (::ftruncate(descriptor, static_cast<off_t>(size_bytes)) != 0) {
    const int error = errno;
    ::close(descriptor);
    return std::unexpected(error_from_errno(error, what + "ftruncate"));
  }
  void* data = ::mmap(nullptr, size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (data == MAP_FAILED) {
    const int error = errno;
    ::close(descriptor);
    return std::unexpected(error_from_errno(error, what + "mmap"));
  }
  return std::unique_ptr<MemFile>(new MemFile(descriptor, static_cast<char*>(data), size_bytes));
}

MemFile::~MemFile() {
  ::munmap(data_, size_bytes_);
  ::close(descriptor_);
}

void MemFile::discard(uint64_t offset, uint64_t size) {
  // A range that kept its pages could be rewritten under a send in flight: that must not pass unseen.
  constexpr int kMode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
  TP_CHECK(::fallocate(descriptor_, kMode, static_cast<off_t>(offset), static_cast<off_t>(size)) == 0);
}

}  // namespace tp::local
