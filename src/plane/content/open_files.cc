#include "plane/content/open_files.h"

#include <mutex>
#include <unordered_map>

#include "plane/content/parts/file_content.h"

namespace tp::plane {

struct alignas(64) OpenFiles::Shard {
  std::mutex mutex;
  std::unordered_map<FileId, FileStatePtr> states;
};

OpenFiles::OpenFiles() : shards_(std::make_unique<Shard[]>(kShards)) {}
OpenFiles::~OpenFiles() = default;

OpenFiles::Shard& OpenFiles::shard_of(FileId file) const { return shards_[file.inode.value % kShards]; }

FileStatePtr OpenFiles::find(FileId file) const {
  if (states_.load() == 0) return nullptr;
  Shard& shard = shard_of(file);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.states.find(file);
  return found == shard.states.end() ? nullptr : found->second;
}

FileStatePtr OpenFiles::state(FileId file) {
  Shard& shard = shard_of(file);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.states.find(file);
  if (found != shard.states.end()) return found->second;
  if (shard.states.size() >= kStatesOfOneShard) {
    // Nobody else can get hold of one while the shard is locked.
    const size_t erased = std::erase_if(shard.states, [](const auto& entry) {
      if (entry.second.use_count() != 1) return false;
      const std::lock_guard state_lock(entry.second->mutex);
      return entry.second->overlay.empty();
    });
    states_ -= erased;
  }
  auto made = std::make_shared<FileState>(file);
  shard.states.emplace(file, made);
  ++states_;
  return made;
}

FileStatePtr OpenFiles::dirtiest() const {
  FileStatePtr worst;
  uint64_t most = 0;
  for (size_t i = 0; i < kShards; ++i) {
    const std::lock_guard lock(shards_[i].mutex);
    for (const auto& [file, state] : shards_[i].states) {
      const std::lock_guard state_lock(state->mutex);
      if (state->overlay.charge() <= most) continue;
      most = state->overlay.charge();
      worst = state;
    }
  }
  return worst;
}

std::vector<FileStatePtr> OpenFiles::unwritten(rt::Nanos now, rt::Nanos age, size_t most) const {
  std::vector<FileStatePtr> found;
  if (dirty_bytes.load() == 0) return found;
  for (size_t i = 0; i < kShards && found.size() < most; ++i) {
    const std::lock_guard lock(shards_[i].mutex);
    for (const auto& [file, state] : shards_[i].states) {
      const std::lock_guard state_lock(state->mutex);
      if (state->overlay.empty() || state->committing_behind) continue;
      // A clock that was set back makes a file old, not young for ever.
      if (state->modified <= now && now - state->modified < age) continue;
      found.push_back(state);
      if (found.size() == most) break;
    }
  }
  return found;
}

std::vector<FileStatePtr> OpenFiles::dirty(VolumeId volume) const {
  std::vector<FileStatePtr> found;
  if (dirty_bytes.load() == 0) return found;
  for (size_t i = 0; i < kShards; ++i) {
    const std::lock_guard lock(shards_[i].mutex);
    for (const auto& [key, state] : shards_[i].states) {
      if (state->file.volume != volume) continue;
      const std::lock_guard state_lock(state->mutex);
      if (!state->overlay.empty()) found.push_back(state);
    }
  }
  return found;
}

std::optional<OpenFiles::Live> OpenFiles::live(FileId file) const {
  const FileStatePtr state = find(file);
  if (state == nullptr) return std::nullopt;
  const std::lock_guard lock(state->mutex);
  return live_of(*state);
}

void OpenFiles::outdate(FileId file) {
  const FileStatePtr state = find(file);
  if (state == nullptr) return;
  const std::lock_guard lock(state->mutex);
  ++state->version;
  state->content.reset();
  state->runs.clear();
}

void OpenFiles::forget(FileId file) {
  const FileStatePtr state = find(file);
  if (state == nullptr) return;
  const std::lock_guard lock(state->mutex);
  ++state->version;
  state->gone = true;
  state->content.reset();
  state->runs.clear();
  dirty_bytes -= state->overlay.charge();
  state->overlay.clear();
}

}  // namespace tp::plane
