#include "plane/content/parts/file_content.h"

#include <algorithm>

#include "meta/keys.h"
#include "plane/core/namespace.h"
#include "plane/core/object_lookup.h"
#include "plane/tree/tree_volume.h"

namespace tp::plane {
namespace {

constexpr size_t kRunsOfOneFile = 128;

Result<FileContentPtr> read_content(meta::RecordSource& source, InodeId inode) {
  TP_TRY(auto record, find_inode(source, inode));
  if (!record) return fail(Code::kNotFound, Reason::kStale, "the file is gone");
  TP_TRY_VOID(require_file(*record));
  auto content = std::make_shared<FileContent>();
  content->record = std::move(*record);
  if (content->record.place == meta::DataPlace::kSmall) {
    TP_TRY(auto value, source.get(kv::Space::kData, meta::data_key(inode)));
    if (!value) return fail(Code::kCorruption, "the file's data is not there");
    content->small_record = std::move(*value);
    TP_TRY(content->small, meta::decode_small_data(inode, content->small_record));
    if (content->small.size() != content->record.size_bytes) {
      return fail(Code::kCorruption, "the file's data has another size");
    }
  }
  return content;
}

}  // namespace

Result<void> require_file(const meta::InodeRecord& record) {
  if (record.type == meta::InodeType::kDirectory) {
    return fail(Code::kInvalidArgument, Reason::kIsDirectory, "it is a directory");
  }
  if (record.type == meta::InodeType::kFile) return ok;
  return fail(Code::kInvalidArgument, Reason::kNotFile, "it is not a regular file");
}

const LocatedExtent& ExtentRun::at(uint64_t offset) const {
  const auto begin = [](const LocatedExtent& one) { return one.extent.offset; };
  const auto after = std::ranges::upper_bound(extents, offset, {}, begin);
  return *std::prev(after);
}

std::optional<OpenFiles::Live> live_of(const FileState& state) {
  if (state.overlay.empty()) return std::nullopt;
  OpenFiles::Live live;
  live.size_bytes = std::max(state.known_size, state.overlay.end());
  live.space_bytes = std::min(live.size_bytes, state.known_space + state.overlay.charge());
  live.modified = state.modified;
  live.changed = state.changed;
  return live;
}

Task<FileContentPtr> load_content(Core& core, FileStatePtr state) {
  FileContentPtr content;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const bool stopped = core.meta.read_only();
    uint64_t version = 0;
    {
      const std::lock_guard lock(state->mutex);
      if (stopped && !std::exchange(state->read_again, true)) {
        // The write that failed may have been applied, and nobody was told what it changed.
        ++state->version;
        state->content.reset();
        state->runs.clear();
      }
      if (state->content != nullptr) co_return state->content;
      version = state->version;
    }
    TP_CO_TRY(const VolumeEntryPtr volume, volume_of(core, state->file.volume));
    const auto snapshot = core.meta.engine().snapshot();
    auto read = [&](meta::ReadView& given) {
      meta::ReadView view(core.meta.engine(), given.mode(), snapshot.get(), given.layer());
      return read_content(view, state->file.inode);
    };
    TP_CO_TRY(content, co_await core.read(*volume, std::move(read)));
    const std::lock_guard lock(state->mutex);
    if (state->version != version) continue;
    state->content = content;
    state->known_size = content->record.size_bytes;
    state->known_space = counted_bytes(content->record);
    break;
  }
  co_return content;
}

Task<ExtentRunPtr> load_run(Core& core, FileStatePtr state, FileContentPtr content, uint64_t offset) {
  uint64_t version = 0;
  const uint64_t relocations = core.relocations.load();
  {
    const std::lock_guard lock(state->mutex);
    if (state->content != content) co_return ExtentRunPtr();
    if (state->relocations != relocations) {
      state->runs.clear();
      state->relocations = relocations;
    }
    auto after = state->runs.upper_bound(offset);
    if (after != state->runs.begin()) {
      const ExtentRunPtr& run = std::prev(after)->second;
      if (offset < run->end()) co_return run;
    }
    version = state->version;
  }
  TP_CO_TRY(const VolumeEntryPtr volume, volume_of(core, state->file.volume));
  auto read = [&](meta::ReadView& view) {
    return load_located_at(view, state->file.inode, offset, content->record.size_bytes);
  };
  auto extents = co_await core.read(*volume, std::move(read));
  const std::lock_guard lock(state->mutex);
  // A change in between may have shown half of it.
  if (state->version != version) co_return ExtentRunPtr();
  if (!extents && extents.error().code != Code::kConflict) co_return std::unexpected(std::move(extents.error()));
  auto run = std::make_shared<ExtentRun>();
  if (extents) run->extents = std::move(*extents);
  if (run->extents.empty() || run->end() <= offset || run->begin() > offset) co_return ExtentRunPtr();
  if (state->runs.size() >= kRunsOfOneFile) state->runs.clear();
  if (state->relocations == relocations) state->runs[run->begin()] = run;
  co_return ExtentRunPtr(std::move(run));
}

}  // namespace tp::plane
