#include "backend/local/directory_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>

#include "backend/local/posix_error.h"

namespace tp::local {

namespace {

/// The process id written in the lock file, or "another process" if there is none to be read.
std::string owner_of(int descriptor) {
  std::array<char, 32> text{};
  const ssize_t size = ::pread(descriptor, text.data(), text.size(), 0);
  std::string digits;
  for (ssize_t i = 0; i < size && text[i] >= '0' && text[i] <= '9'; ++i) digits += text[i];
  return digits.empty() ? "another process" : "process " + digits;
}

}  // namespace

Result<std::unique_ptr<DirectoryLock>> DirectoryLock::take(const std::string& directory) {
  const std::string path = directory + "/LOCK";
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return std::unexpected(error_from_errno(errno, "open " + path));
  std::unique_ptr<DirectoryLock> lock(new DirectoryLock(descriptor));
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return std::unexpected(error_from_errno(errno, "lock " + path));
    return fail(Code::kBusy, directory + " is in use by " + owner_of(descriptor));
  }
  const std::string text = std::to_string(::getpid()) + "\n";
  // The id is for whoever is refused; on a full disk the lock holds without it, and the store can still serve reads.
  [[maybe_unused]] const int cut = ::ftruncate(descriptor, 0);
  [[maybe_unused]] const ssize_t put = ::pwrite(descriptor, text.data(), text.size(), 0);
  return lock;
}

DirectoryLock::~DirectoryLock() {
  ::close(descriptor_);
}

}  // namespace tp::local
