#include "backend/memory/memory_file_system.h"

#include "backend/memory/sparse_bytes.h"
#include "io/file_name.h"
#include "rt/await.h"
#include "rt/env/rng.h"

namespace tp::memory {

namespace {

constexpr size_t kSectorBytes = 512;  // a write that power cuts short ends at one of these

std::string directory_of(const std::string& name) {
  const size_t slash = name.rfind('/');
  return slash == std::string::npos ? std::string() : name.substr(0, slash);
}

// A change that no sync has covered.
struct Pending {
  enum class Kind : uint8_t { kWrite, kPunch, kGrow };
  Kind kind = Kind::kWrite;
  uint64_t offset = 0;
  uint64_t size = 0;
  Bytes data;

  void apply(SparseBytes& to) const {
    switch (kind) {
      case Kind::kWrite:
        to.write(offset, data);
        break;
      case Kind::kPunch:
        to.punch(offset, size);
        break;
      case Kind::kGrow:
        to.grow(offset + size);
        break;
    }
  }
};

}  // namespace

// One file: what readers see, what a crash would leave, and the changes between the two.
struct MemoryFileSystem::Node {
  SparseBytes current;
  SparseBytes durable;
  std::vector<Pending> pending;
};

class MemoryFileSystem::Handle final : public io::File {
 public:
  Handle(MemoryFileSystem& files, std::string name, std::shared_ptr<Node> node, uint64_t generation, bool writable)
      : files_(files), name_(std::move(name)), node_(std::move(node)), generation_(generation), writable_(writable) {}

  Task<void> read_at(uint64_t offset, MutableBytes out) override {
    co_await rt::yield();
    const std::lock_guard lock(files_.mutex_);
    TP_CO_TRY_VOID(begin(CallKind::kOther));
    if (offset + out.size() > node_->current.size()) co_return fail(Code::kOutOfRange, "read past the end of " + name_);
    node_->current.read(offset, out);
    co_return ok;
  }

  Task<void> write_at(uint64_t offset, BytesView data) override {
    co_await rt::yield();
    const std::lock_guard lock(files_.mutex_);
    auto allowed = begin(CallKind::kWrite);
    if (allowed && files_.used_bytes() + data.size() > files_.capacity_bytes_) {
      allowed = fail(Code::kNoSpace, "write " + name_ + ": no space left");
    }
    if (!allowed && files_.plan_.partial_write) {
      change(Pending{Pending::Kind::kWrite, offset, 0, Bytes(data.substr(0, data.size() / 2))});
    }
    TP_CO_TRY_VOID(std::move(allowed));
    change(Pending{Pending::Kind::kWrite, offset, 0, Bytes(data)});
    co_return ok;
  }

  Task<void> sync() override {
    do {
      co_await rt::yield();
    } while (held());
    const std::lock_guard lock(files_.mutex_);
    auto allowed = begin(CallKind::kSync);
    if (allowed) {
      for (const Pending& change : node_->pending) change.apply(node_->durable);
      ++files_.file_syncs_;
    }
    // Also after a failure: the kernel has marked the pages clean, and no later sync will write them.
    node_->pending.clear();
    co_return allowed;
  }

  Task<void> allocate(uint64_t offset, uint64_t size) override {
    co_await rt::yield();
    const std::lock_guard lock(files_.mutex_);
    TP_CO_TRY_VOID(begin(CallKind::kWrite));
    if (files_.used_bytes() + size > files_.capacity_bytes_) {
      co_return fail(Code::kNoSpace, "allocate " + name_ + ": no space left");
    }
    change(Pending{Pending::Kind::kGrow, offset, size, {}});
    co_return ok;
  }

  Task<void> punch_hole(uint64_t offset, uint64_t size) override {
    co_await rt::yield();
    const std::lock_guard lock(files_.mutex_);
    TP_CO_TRY_VOID(begin(CallKind::kOther));
    change(Pending{Pending::Kind::kPunch, offset, size, {}});
    co_return ok;
  }

  Result<uint64_t> size() override {
    const std::lock_guard lock(files_.mutex_);
    return node_->current.size();
  }
  Result<uint64_t> allocated_size() override {
    const std::lock_guard lock(files_.mutex_);
    return node_->current.stored_bytes();
  }

 private:
  bool held() const {
    const std::lock_guard lock(files_.mutex_);
    return files_.hold_syncs_;
  }
  Result<void> begin(CallKind kind) {
    if (generation_ != files_.generation_) return fail(Code::kIo, name_ + " was open when the machine crashed");
    if (kind == CallKind::kWrite && !writable_) return fail(Code::kInvalidArgument, name_ + " is open for reading");
    return files_.count_call(kind);
  }
  void change(Pending pending) {
    pending.apply(node_->current);
    node_->pending.push_back(std::move(pending));
  }

  MemoryFileSystem& files_;
  const std::string name_;
  const std::shared_ptr<Node> node_;
  const uint64_t generation_;
  const bool writable_;
};

MemoryFileSystem::MemoryFileSystem(uint64_t capacity_bytes) : capacity_bytes_(capacity_bytes) {
  directories_.insert("");
  durable_directories_.insert("");
}
MemoryFileSystem::~MemoryFileSystem() = default;

Result<void> MemoryFileSystem::count_call(CallKind kind) {
  if (plan_.only_syncs && kind != CallKind::kSync) return ok;
  if (plan_.only_writes && kind != CallKind::kWrite) return ok;
  ++calls_;
  if (plan_.fail_at != 0 && (calls_ == plan_.fail_at || (plan_.and_all_after && calls_ > plan_.fail_at))) {
    fault_happened_ = true;
    return fail(plan_.code, "injected fault at call " + std::to_string(calls_));
  }
  return ok;
}

uint64_t MemoryFileSystem::used_bytes() const {
  uint64_t used = 0;
  for (const auto& [name, node] : names_) used += node->current.stored_bytes();
  return used;
}

Task<std::unique_ptr<io::File>> MemoryFileSystem::open(std::string name, io::OpenMode mode, io::Caching) {
  TP_CO_TRY_VOID(io::check_file_name(name, false));
  co_await rt::yield();
  const std::lock_guard lock(mutex_);
  TP_CO_TRY_VOID(count_call(mode == io::OpenMode::kCreate ? CallKind::kWrite : CallKind::kOther));
  auto found = names_.find(name);
  if (mode == io::OpenMode::kCreate) {
    if (found != names_.end()) co_return fail(Code::kAlreadyExists, name + " exists");
    if (!directories_.contains(directory_of(name))) co_return fail(Code::kNotFound, "no directory for " + name);
    found = names_.emplace(name, std::make_shared<Node>()).first;
  }
  if (found == names_.end()) co_return fail(Code::kNotFound, "open " + name + ": no such file");
  co_return std::make_unique<Handle>(*this, name, found->second, generation_, mode != io::OpenMode::kRead);
}

Task<void> MemoryFileSystem::remove(std::string name) {
  TP_CO_TRY_VOID(io::check_file_name(name, false));
  co_await rt::yield();
  const std::lock_guard lock(mutex_);
  TP_CO_TRY_VOID(count_call(CallKind::kOther));
  if (names_.erase(name) == 0) co_return fail(Code::kNotFound, "remove " + name + ": no such file");
  co_return ok;
}

Task<std::vector<std::string>> MemoryFileSystem::list(std::string directory) {
  TP_CO_TRY_VOID(io::check_file_name(directory, true));
  co_await rt::yield();
  const std::lock_guard lock(mutex_);
  TP_CO_TRY_VOID(count_call(CallKind::kOther));
  if (!directories_.contains(directory)) co_return fail(Code::kNotFound, "no directory " + directory);
  const size_t skip = directory.empty() ? 0 : directory.size() + 1;
  std::vector<std::string> found;
  for (const auto& [name, node] : names_) {
    if (directory_of(name) == directory) found.push_back(name.substr(skip));
  }
  for (const std::string& name : directories_) {
    if (!name.empty() && directory_of(name) == directory) found.push_back(name.substr(skip));
  }
  co_return found;
}

Task<void> MemoryFileSystem::make_directory(std::string directory) {
  TP_CO_TRY_VOID(io::check_file_name(directory, true));
  co_await rt::yield();
  const std::lock_guard lock(mutex_);
  TP_CO_TRY_VOID(count_call(CallKind::kOther));
  for (size_t end = 0; end != std::string::npos;) {
    end = directory.find('/', end + 1);
    const std::string part = directory.substr(0, end);
    if (names_.contains(part)) co_return fail(Code::kAlreadyExists, part + " is not a directory");
    directories_.insert(part);
  }
  co_return ok;
}

Task<void> MemoryFileSystem::sync_directory(std::string directory) {
  TP_CO_TRY_VOID(io::check_file_name(directory, true));
  co_await rt::yield();
  const std::lock_guard lock(mutex_);
  TP_CO_TRY_VOID(count_call(CallKind::kSync));
  if (!directories_.contains(directory)) co_return fail(Code::kNotFound, "no directory " + directory);
  std::erase_if(durable_names_, [&](const auto& entry) { return directory_of(entry.first) == directory; });
  for (const auto& entry : names_) {
    if (directory_of(entry.first) == directory) durable_names_.insert(entry);
  }
  for (const std::string& name : directories_) {
    if (directory_of(name) == directory) durable_directories_.insert(name);
  }
  co_return ok;
}

Result<io::SpaceInfo> MemoryFileSystem::space() {
  const std::lock_guard lock(mutex_);
  const uint64_t used = used_bytes();
  return io::SpaceInfo{capacity_bytes_, capacity_bytes_ - std::min(capacity_bytes_, used)};
}

void MemoryFileSystem::set_plan(FaultPlan plan) {
  const std::lock_guard lock(mutex_);
  plan_ = plan;
  calls_ = 0;
  fault_happened_ = false;
}

uint64_t MemoryFileSystem::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

bool MemoryFileSystem::fault_happened() const {
  const std::lock_guard lock(mutex_);
  return fault_happened_;
}

uint64_t MemoryFileSystem::file_syncs() const {
  const std::lock_guard lock(mutex_);
  return file_syncs_;
}

void MemoryFileSystem::hold_syncs() {
  const std::lock_guard lock(mutex_);
  hold_syncs_ = true;
}

void MemoryFileSystem::release_syncs() {
  const std::lock_guard lock(mutex_);
  hold_syncs_ = false;
}

void MemoryFileSystem::crash(uint64_t seed) {
  const std::lock_guard lock(mutex_);
  rt::Rng rng(seed);
  names_ = durable_names_;
  directories_ = durable_directories_;
  for (auto& [name, node] : names_) {
    for (Pending& change : node->pending) {
      const uint64_t fate = rng.below(3);
      if (fate == 0) continue;
      if (fate == 1 && change.kind == Pending::Kind::kWrite) {
        change.data.resize(rng.below(change.data.size() / kSectorBytes + 1) * kSectorBytes);
      }
      change.apply(node->durable);
    }
    node->pending.clear();
    node->current = node->durable;
  }
  plan_ = {};
  ++generation_;
}

bool MemoryFileSystem::flip_bit(const std::string& name, uint64_t offset, unsigned bit) {
  const Bytes byte = peek(name, offset, 1);
  if (byte.empty()) return false;
  return overwrite(name, offset, Bytes(1, static_cast<char>(byte[0] ^ (1 << (bit % 8)))));
}

bool MemoryFileSystem::overwrite(const std::string& name, uint64_t offset, BytesView bytes) {
  const std::lock_guard lock(mutex_);
  const auto found = names_.find(name);
  if (found == names_.end() || offset + bytes.size() > found->second->current.size()) return false;
  found->second->current.write(offset, bytes);
  found->second->durable.write(offset, bytes);
  return true;
}

Bytes MemoryFileSystem::peek(const std::string& name, uint64_t offset, uint64_t size) const {
  const std::lock_guard lock(mutex_);
  const auto found = names_.find(name);
  if (found == names_.end() || offset + size > found->second->current.size()) return {};
  Bytes bytes(size, '\0');
  found->second->current.read(offset, bytes);
  return bytes;
}

}  // namespace tp::memory
