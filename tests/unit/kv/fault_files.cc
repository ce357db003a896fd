#include "unit/kv/fault_files.h"

#include <filesystem>
#include <map>
#include <mutex>

namespace tp::kv {

using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

struct FaultFiles::State {
  std::mutex mutex;
  uint64_t operations = 0;
  uint64_t fail_at = 0;
  bool sticky = false;
  bool powered = true;
  IOStatus error;
  std::map<std::string, uint64_t> synced;  // path -> bytes that survive

  // Counts one operation that changes the disk.
  IOStatus operate() {
    const std::lock_guard lock(mutex);
    ++operations;
    if (!powered) return IOStatus::IOError("no power");
    if (fail_at != 0 && (operations == fail_at || (sticky && operations > fail_at))) return error;
    return IOStatus::OK();
  }
  void set_synced(const std::string& path, uint64_t size) {
    const std::lock_guard lock(mutex);
    if (powered) synced[path] = size;
  }
};

namespace {

class FaultFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultFile(std::unique_ptr<FSWritableFile> file, std::string path, std::shared_ptr<FaultFiles::State> state)
      : FSWritableFileOwnerWrapper(std::move(file)), path_(std::move(path)), state_(std::move(state)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* context) override {
    if (IOStatus fault = state_->operate(); !fault.ok()) {
      // Half of it got through: the worst that a log can find.
      IOStatus half = target()->Append(Slice(data.data(), data.size() / 2), options, context);
      half.PermitUncheckedError();
      return fault;
    }
    return target()->Append(data, options, context);
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* context) override {
    return Append(data, options, context);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* context) override {
    if (IOStatus fault = state_->operate(); !fault.ok()) return fault;
    const uint64_t size = target()->GetFileSize(options, context);
    IOStatus flushed = target()->Flush(options, context);  // a test need not wait for a real disk
    if (flushed.ok()) state_->set_synced(path_, size);
    return flushed;
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* context) override { return Sync(options, context); }
  IOStatus RangeSync(uint64_t, uint64_t, const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }

 private:
  std::string path_;
  std::shared_ptr<FaultFiles::State> state_;
};

class FaultFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  explicit FaultFileSystem(std::shared_ptr<FaultFiles::State> state)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), state_(std::move(state)) {}
  const char* Name() const override { return "FaultFileSystem"; }

  IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                           std::unique_ptr<FSWritableFile>* result, IODebugContext* context) override {
    if (IOStatus fault = state_->operate(); !fault.ok()) return fault;
    std::unique_ptr<FSWritableFile> file;
    IOStatus made = target()->NewWritableFile(path, options, &file, context);
    if (!made.ok()) return made;
    state_->set_synced(path, 0);
    *result = std::make_unique<FaultFile>(std::move(file), path, state_);
    return made;
  }
  IOStatus DeleteFile(const std::string& path, const IOOptions& options, IODebugContext* context) override {
    if (IOStatus fault = state_->operate(); !fault.ok()) return fault;
    {
      const std::lock_guard lock(state_->mutex);
      state_->synced.erase(path);
    }
    return target()->DeleteFile(path, options, context);
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* context) override {
    if (IOStatus fault = state_->operate(); !fault.ok()) return fault;
    IOStatus renamed = target()->RenameFile(from, to, options, context);
    const std::lock_guard lock(state_->mutex);
    if (auto node = state_->synced.extract(from); renamed.ok() && node) {
      state_->synced.erase(to);
      node.key() = to;
      state_->synced.insert(std::move(node));
    }
    return renamed;
  }

 private:
  std::shared_ptr<FaultFiles::State> state_;
};

}  // namespace

FaultFiles::FaultFiles()
    : state_(std::make_shared<State>()),
      files_(std::make_shared<FaultFileSystem>(state_)),
      env_(rocksdb::NewCompositeEnv(files_)) {}

FaultFiles::~FaultFiles() = default;

void FaultFiles::fail_at(uint64_t nth, IOStatus error, bool sticky) {
  const std::lock_guard lock(state_->mutex);
  state_->fail_at = state_->operations + nth;
  state_->error = std::move(error);
  state_->sticky = sticky;
}

uint64_t FaultFiles::operations() const {
  const std::lock_guard lock(state_->mutex);
  return state_->operations;
}

void FaultFiles::cut_power() {
  const std::lock_guard lock(state_->mutex);
  state_->powered = false;
}

void FaultFiles::lose_unsynced() {
  const std::lock_guard lock(state_->mutex);
  for (const auto& [path, size] : state_->synced) {
    std::error_code gone;
    if (std::filesystem::file_size(path, gone) > size && !gone) std::filesystem::resize_file(path, size);
  }
  state_->synced.clear();
  state_->powered = true;
  state_->fail_at = 0;
}

}  // namespace tp::kv
