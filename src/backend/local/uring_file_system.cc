#include "backend/local/uring_file_system.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <future>

#include "backend/local/posix_error.h"
#include "backend/local/uring_ring.h"
#include "base/check.h"
#include "io/file_name.h"

namespace tp::local {

namespace {

constexpr size_t kMaxTransfer = 64 << 20;  // one request to the kernel; larger ones continue

std::unexpected<Error> errno_failure(const std::string& what) {
  return std::unexpected(error_from_errno(errno, what));
}

class UringFile final : public io::File {
 public:
  UringFile(UringFileSystem& files, std::string name, int descriptor, bool direct)
      : files_(files), name_(std::move(name)), descriptor_(descriptor), direct_(direct) {}
  ~UringFile() override { ::close(descriptor_); }

  Task<void> read_at(uint64_t offset, MutableBytes out) override {
    size_t done = 0;
    while (done < out.size()) {
      const size_t want = std::min(out.size() - done, kMaxTransfer);
      TP_CO_TRY(const int got, co_await transfer(UringRing::Kind::kRead, out.data() + done, want, offset + done));
      if (got < 0 && (got == -EINTR || got == -EAGAIN)) continue;
      if (got < 0) co_return std::unexpected(error_from_errno(-got, "read " + name_));
      done += static_cast<size_t>(got);
      // Direct reads stop short, off the alignment, only at the end of the file.
      const bool at_end = got == 0 || (direct_ && done < out.size() && done % io::kDirectAlignment != 0);
      if (at_end && done < out.size()) co_return fail(Code::kOutOfRange, "read past the end of " + name_);
    }
    co_return ok;
  }

  Task<void> write_at(uint64_t offset, BytesView data) override {
    size_t done = 0;
    while (done < data.size()) {
      const size_t want = std::min(data.size() - done, kMaxTransfer);
      char* from = const_cast<char*>(data.data()) + done;
      TP_CO_TRY(const int put, co_await transfer(UringRing::Kind::kWrite, from, want, offset + done));
      if (put == -EINTR || put == -EAGAIN) continue;
      if (put < 0) co_return std::unexpected(error_from_errno(-put, "write " + name_));
      if (put == 0) co_return fail(Code::kIo, "write " + name_ + ": nothing written");
      done += static_cast<size_t>(put);
      if (direct_ && done < data.size() && done % io::kDirectAlignment != 0) {
        if (static_cast<size_t>(put) < io::kDirectAlignment)
          co_return fail(Code::kIo, "write " + name_ + ": no progress");
        done -= done % io::kDirectAlignment;  // the rest goes again from the last whole block
      }
    }
    co_return ok;
  }

  Task<void> sync() override {
    TP_CO_TRY(const int result, co_await transfer(UringRing::Kind::kDataSync, nullptr, 0, 0));
    if (result < 0) co_return std::unexpected(error_from_errno(-result, "fdatasync " + name_));
    co_return ok;
  }

  Task<void> allocate(uint64_t offset, uint64_t size) override {
    auto call = [this, offset, size]() -> Result<void> {
      int result;
      do {
        result = ::fallocate(descriptor_, 0, static_cast<off_t>(offset), static_cast<off_t>(size));
      } while (result != 0 && errno == EINTR);
      if (result != 0 && errno == EOPNOTSUPP) result = grow_to(offset + size);
      if (result != 0) return errno_failure("fallocate " + name_);
      return ok;
    };
    return files_.pool().run(std::move(call));
  }

  Task<void> punch_hole(uint64_t offset, uint64_t size) override {
    auto call = [this, offset, size]() -> Result<void> {
      constexpr int kMode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
      int result;
      do {
        result = ::fallocate(descriptor_, kMode, static_cast<off_t>(offset), static_cast<off_t>(size));
      } while (result != 0 && errno == EINTR);
      if (result != 0) return errno_failure("punch hole in " + name_);
      return ok;
    };
    return files_.pool().run(std::move(call));
  }

  Result<uint64_t> size() override {
    TP_TRY(const struct stat info, status());
    return static_cast<uint64_t>(info.st_size);
  }
  Result<uint64_t> allocated_size() override {
    TP_TRY(const struct stat info, status());
    return static_cast<uint64_t>(info.st_blocks) * 512;
  }

 private:
  Result<struct stat> status() {
    struct stat info {};
    if (::fstat(descriptor_, &info) != 0) return errno_failure("stat " + name_);
    return info;
  }

  /// For file systems that cannot reserve: at least the size is right, and a full disk shows at the write.
  int grow_to(uint64_t size) {
    struct stat info {};
    if (::fstat(descriptor_, &info) != 0) return -1;
    return static_cast<uint64_t>(info.st_size) >= size ? 0 : ::ftruncate(descriptor_, static_cast<off_t>(size));
  }

  /// Bytes done or -errno.
  Task<int> transfer(UringRing::Kind kind, char* address, size_t size, uint64_t offset) {
    if (UringRing* ring = files_.ring(); ring != nullptr) {
      UringRing::Operation operation(*ring, kind, descriptor_, address, static_cast<uint32_t>(size), offset);
      co_return co_await operation;
    }
    auto call = [=, this]() -> Result<int> {
      ssize_t result = 0;
      switch (kind) {
        case UringRing::Kind::kRead:
          result = ::pread(descriptor_, address, size, static_cast<off_t>(offset));
          break;
        case UringRing::Kind::kWrite:
          result = ::pwrite(descriptor_, address, size, static_cast<off_t>(offset));
          break;
        case UringRing::Kind::kDataSync:
          result = ::fdatasync(descriptor_);
          break;
      }
      return result < 0 ? -errno : static_cast<int>(result);
    };
    co_return co_await files_.pool().run(std::move(call));
  }

  UringFileSystem& files_;
  const std::string name_;
  const int descriptor_;
  const bool direct_;
};

struct OpenedFile {
  int descriptor = -1;
  bool direct = false;
};

Result<OpenedFile> open_file(int root_fd, const std::string& name, io::OpenMode mode, io::Caching caching) {
  int flags = O_CLOEXEC | (mode == io::OpenMode::kRead ? O_RDONLY : O_RDWR);
  if (mode == io::OpenMode::kCreate) flags |= O_CREAT | O_EXCL;
  if (caching == io::Caching::kDirect) {
    const int descriptor = ::openat(root_fd, name.c_str(), flags | O_DIRECT, 0600);
    if (descriptor >= 0) return OpenedFile{descriptor, true};
    if (errno != EINVAL) return errno_failure("open " + name);
    // Some kernels create the file before they find that its file system refuses O_DIRECT.
    if (mode == io::OpenMode::kCreate) ::unlinkat(root_fd, name.c_str(), 0);
  }
  const int descriptor = ::openat(root_fd, name.c_str(), flags, 0600);
  if (descriptor < 0) return errno_failure("open " + name);
  return OpenedFile{descriptor, false};
}

Result<std::vector<std::string>> list_names(int root_fd, const std::string& directory) {
  const char* path = directory.empty() ? "." : directory.c_str();
  const int descriptor = ::openat(root_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return errno_failure("open directory " + directory);
  DIR* stream = ::fdopendir(descriptor);
  if (stream == nullptr) {
    ::close(descriptor);
    return errno_failure("open directory " + directory);
  }
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(stream)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
    errno = 0;
  }
  const int error = errno;
  ::closedir(stream);
  if (error != 0) return std::unexpected(error_from_errno(error, "list " + directory));
  return names;
}

Result<void> make_directories(int root_fd, const std::string& directory) {
  for (size_t end = 0; end != std::string::npos;) {
    end = directory.find('/', end + 1);
    const std::string part = directory.substr(0, end);
    if (::mkdirat(root_fd, part.c_str(), 0700) != 0 && errno != EEXIST) return errno_failure("mkdir " + part);
  }
  struct stat info {};
  if (::fstatat(root_fd, directory.c_str(), &info, 0) != 0) return errno_failure("stat " + directory);
  if (!S_ISDIR(info.st_mode)) return fail(Code::kAlreadyExists, directory + " is not a directory");
  return ok;
}

}  // namespace

// Whether a loop has tried to make its ring, and what came of it.
struct UringFileSystem::LoopRing {
  bool tried = false;
  std::unique_ptr<UringRing> ring;
};

Result<std::unique_ptr<UringFileSystem>> UringFileSystem::open(Options options) {
  TP_CHECK(options.runtime != nullptr);
  if (options.create_root) {
    std::error_code error;
    std::filesystem::create_directories(options.root, error);
    if (error) return std::unexpected(error_from_errno(error.value(), "make directory " + options.root));
  }
  const int root_fd = ::open(options.root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (root_fd < 0) return errno_failure("open directory " + options.root);
  return std::unique_ptr<UringFileSystem>(new UringFileSystem(std::move(options), root_fd));
}

UringFileSystem::UringFileSystem(Options options, int root_fd) : options_(std::move(options)), root_fd_(root_fd) {
  for (unsigned i = 0; i < options_.runtime->loop_count(); ++i) rings_.push_back(std::make_unique<LoopRing>());
}

UringFileSystem::~UringFileSystem() {
  // A ring is unhooked on its own loop's thread.
  struct DropWork : rt::Work {
    LoopRing* slot = nullptr;
    std::promise<void> done;
  };
  for (unsigned i = 0; i < rings_.size(); ++i) {
    rt::Loop& loop = options_.runtime->loop(i);
    if (rt::Loop::current_or_null() == &loop) {
      rings_[i]->ring.reset();
      continue;
    }
    DropWork work;
    work.slot = rings_[i].get();
    work.run = [](rt::Work* self) {
      auto* drop = static_cast<DropWork*>(self);
      drop->slot->ring.reset();
      drop->done.set_value();
    };
    auto dropped = work.done.get_future();
    loop.post(&work);
    dropped.wait();
  }
  ::close(root_fd_);
}

UringRing* UringFileSystem::ring() {
  rt::Loop& loop = rt::Loop::current();
  LoopRing& slot = *rings_[loop.index()];
  if (!slot.tried) {
    slot.tried = true;
    if (options_.use_uring) {
      if (auto made = UringRing::open(loop)) slot.ring = std::move(*made);
    }
  }
  return slot.ring.get();
}

Task<std::unique_ptr<io::File>> UringFileSystem::open(std::string name, io::OpenMode mode, io::Caching caching) {
  TP_CO_TRY_VOID(io::check_file_name(name, false));
  auto call = [this, &name, mode, caching] { return open_file(root_fd_, name, mode, caching); };
  TP_CO_TRY(const OpenedFile opened, co_await pool().run(std::move(call)));
  co_return std::make_unique<UringFile>(*this, std::move(name), opened.descriptor, opened.direct);
}

Task<void> UringFileSystem::remove(std::string name) {
  TP_CO_TRY_VOID(io::check_file_name(name, false));
  auto call = [this, &name]() -> Result<void> {
    if (::unlinkat(root_fd_, name.c_str(), 0) != 0) return errno_failure("remove " + name);
    return ok;
  };
  co_return co_await pool().run(std::move(call));
}

Task<std::vector<std::string>> UringFileSystem::list(std::string directory) {
  TP_CO_TRY_VOID(io::check_file_name(directory, true));
  auto call = [this, &directory] { return list_names(root_fd_, directory); };
  co_return co_await pool().run(std::move(call));
}

Task<void> UringFileSystem::make_directory(std::string directory) {
  TP_CO_TRY_VOID(io::check_file_name(directory, true));
  if (directory.empty()) co_return ok;
  auto call = [this, &directory] { return make_directories(root_fd_, directory); };
  co_return co_await pool().run(std::move(call));
}

Task<void> UringFileSystem::sync_directory(std::string directory) {
  TP_CO_TRY_VOID(io::check_file_name(directory, true));
  auto call = [this, &directory]() -> Result<void> {
    const char* path = directory.empty() ? "." : directory.c_str();
    const int descriptor = ::openat(root_fd_, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return errno_failure("open directory " + directory);
    const int result = ::fsync(descriptor);
    const int error = errno;
    ::close(descriptor);
    if (result != 0) return std::unexpected(error_from_errno(error, "fsync directory " + directory));
    return ok;
  };
  co_return co_await pool().run(std::move(call));
}

Result<io::SpaceInfo> UringFileSystem::space() {
  struct statvfs info {};
  if (::fstatvfs(root_fd_, &info) != 0) return errno_failure("statvfs " + options_.root);
  return io::SpaceInfo{info.f_blocks * info.f_frsize, info.f_bavail * info.f_frsize};
}

}  // namespace tp::local
