#include <algorithm>
#include <deque>

#include "plane/content/parts/file_content.h"
#include "plane/entries/entry_objects.h"
#include "plane/tree/attributes.h"
#include "plane/tree/files_impl.h"
#include "plane/tree/permissions.h"
#include "plane/tree/tree_volume.h"
#include "plane/tiers/move_queue.h"

namespace tp::plane {
namespace {

constexpr uint64_t kMaxReadBytes = 1 << 20;
constexpr uint64_t kFetchBytes = 256 << 10;  // the block cache's piece
constexpr uint64_t kAheadBytes = 4 << 20;
constexpr int kReadAttempts = 16;
constexpr rt::Nanos kTellUses = 10 * rt::kSecond;

alignas(4096) constinit const char kZeros[kFetchBytes] = {};

/// A stretch of the answer: known, or to be read from a blob.
struct Fetch {
  io::SendRegion first;             // what is known; else empty
  LocatedExtent at;
  uint64_t blob_offset = 0, size_bytes = 0;
  std::vector<io::SendRegion> rest;
  std::optional<Error> error;
};
using Fetches = std::deque<Fetch>;

Task<void> fetch(blob::BlobStore* blobs, Fetch* one) {
  uint64_t have = 0;
  while (have < one->size_bytes) {
    auto region = co_await blobs->read(one->at.blob, one->blob_offset + have, one->size_bytes - have, true);
    if (!region) {
      one->error = std::move(region.error());
      break;
    }
    have += region->bytes.size();
    one->rest.push_back(std::move(*region));
  }
  co_return ok;
}

void add_known(Fetches& fetches, BytesView bytes, std::shared_ptr<const void> owner) {
  fetches.emplace_back();
  fetches.back().first.bytes = bytes;
  fetches.back().first.owner = std::move(owner);
}

void add_zeros(Fetches& fetches, uint64_t size) {
  for (uint64_t done = 0; done < size;) {
    const uint64_t part = std::min<uint64_t>(size - done, sizeof(kZeros));
    add_known(fetches, BytesView(kZeros, part), nullptr);
    done += part;
  }
}

void add_extent(Core& core, Fetches& fetches, const LocatedExtent& at, uint64_t from, uint64_t to) {
  if (!at.extent.blob) return add_zeros(fetches, to - from);
  uint64_t blob_offset = at.extent.blob_offset + (from - at.extent.offset);
  for (uint64_t left = to - from; left > 0;) {
    const uint64_t part = std::min(left, kFetchBytes - blob_offset % kFetchBytes);
    io::SendRegion cached = core.blobs.read_cached(at.blob, blob_offset, part);
    fetches.emplace_back();
    Fetch& one = fetches.back();
    one.size_bytes = cached.bytes.empty() ? part : cached.bytes.size();
    left -= one.size_bytes;
    if (cached.bytes.empty()) {
      one.at = at;
      one.blob_offset = blob_offset;
    }
    blob_offset += one.size_bytes;
    one.first = std::move(cached);
  }
}

/// Committed bytes [from, to). False if the file has changed meanwhile.
Task<bool> add_committed(Core& core, FileStatePtr state, FileContentPtr content, uint64_t from, uint64_t to,
                         Fetches* fetches) {
  const meta::InodeRecord& record = content->record;
  const uint64_t end = std::min(to, record.size_bytes);
  while (from < end) {
    if (record.place == meta::DataPlace::kSmall) {
      add_known(*fetches, content->small.substr(from, end - from), content);
      from = end;
    } else if (record.place == meta::DataPlace::kExtents) {
      TP_CO_TRY(const ExtentRunPtr run, co_await load_run(core, state, content, from));
      if (run == nullptr) co_return false;
      while (from < std::min(end, run->end())) {
        const LocatedExtent& at = run->at(from);
        const uint64_t stop = std::min(end, at.extent.offset + at.extent.length_bytes);
        add_extent(core, *fetches, at, from, stop);
        from = stop;
      }
    } else {
      co_return fail(Code::kCorruption, "the file has bytes and no place for them");
    }
  }
  if (from < to) add_zeros(*fetches, to - from);
  co_return true;
}

Task<void> read_ahead(Core* core, FileStatePtr state, uint64_t from, uint64_t to) {
  const ReadGuard guard(core->dead_blobs);
  auto content = co_await load_content(*core, state);
  if (!content || (*content)->record.place != meta::DataPlace::kExtents) co_return ok;
  Fetches fetches;
  to = std::min(to, (*content)->record.size_bytes);
  if (from >= to) co_return ok;
  auto found = co_await add_committed(*core, state, *content, from, to, &fetches);
  if (!found || !*found) co_return ok;
  rt::TaskGroup group;
  for (Fetch& one : fetches) {
    if (one.first.bytes.empty()) group.spawn(fetch(&core->blobs, &one));
  }
  co_await group.join();
  co_return ok;
}

/// With the state's mutex held: where a sequential reader's next bytes are to be read from, ahead of it.
std::optional<std::pair<uint64_t, uint64_t>> note_reading(FileState& state, uint64_t from, uint64_t to) {
  // Requests of one reader come side by side: some of order is not another place.
  const bool sequential = from + kAheadBytes > state.read_end && from <= state.read_end + kMaxReadBytes;
  if (!sequential) {
    state.read_end = state.ahead_end = to;
    return std::nullopt;
  }
  state.read_end = std::max(state.read_end, to);
  if (to - from < 64 << 10) return std::nullopt;
  state.ahead_end = std::max(state.ahead_end, state.read_end);
  if (state.ahead_end > state.read_end + kAheadBytes / 2) return std::nullopt;
  const uint64_t begin = state.ahead_end;
  state.ahead_end = begin + kAheadBytes;
  return std::pair(begin, state.ahead_end);
}

struct Plan {
  uint64_t end = 0;
  std::vector<Overlay::Run> runs;
  std::optional<OpenFiles::Live> live;
  std::optional<std::pair<uint64_t, uint64_t>> ahead;
  bool stale = false;  // the content is not the file's any more
  bool tell_use = false;
};

Plan plan_read(FileState& state, const FileContentPtr& content, uint64_t offset, uint32_t max_bytes, rt::Nanos now) {
  Plan plan;
  const std::lock_guard lock(state.mutex);
  plan.stale = state.content != content;
  plan.live = live_of(state);
  const uint64_t size = std::max(content->record.size_bytes, state.overlay.end());
  plan.end = std::max(offset, std::min(size, offset + std::min<uint64_t>(max_bytes, kMaxReadBytes)));
  if (offset < size) plan.runs = state.overlay.read(offset, plan.end);
  if (plan.end > offset) plan.ahead = note_reading(state, offset, plan.end);
  plan.tell_use = now - state.used > kTellUses || state.used == 0;
  if (plan.tell_use) state.used = now;
  return plan;
}

Task<bool> gather(Core& core, FileStatePtr state, FileContentPtr content, const Plan* plan, uint64_t offset,
                  Fetches* fetches) {
  uint64_t at = offset;
  for (const Overlay::Run& run : plan->runs) {
    if (at < run.offset) {
      TP_CO_TRY(const bool found, co_await add_committed(core, state, content, at, run.offset, fetches));
      if (!found) co_return false;
    }
    add_known(*fetches, run.data.bytes, run.data.owner);
    at = run.end();
  }
  if (at < plan->end) co_return co_await add_committed(core, state, content, at, plan->end, fetches);
  co_return true;
}

Task<void> finish_read(Core& core, Fetches* fetches, ReadResult* result) {
  rt::TaskGroup group;
  for (Fetch& one : *fetches) {
    if (one.first.bytes.empty()) group.spawn(fetch(&core.blobs, &one));
  }
  co_await group.join();
  for (Fetch& one : *fetches) {
    if (one.error) co_return std::unexpected(std::move(*one.error));
    if (!one.first.bytes.empty()) one.rest.insert(one.rest.begin(), std::move(one.first));
    for (io::SendRegion& region : one.rest) {
      result->size_bytes += region.bytes.size();
      result->regions.push_back(std::move(region));
    }
  }
  co_return ok;
}

}  // namespace

Task<ReadResult> FilesImpl::read(FileCaller caller, FileId file, uint64_t offset, uint32_t max_bytes,
                                 AccessCheck check) {
  TP_CO_TRY(const VolumeEntryPtr volume, volume_of(core_, file.volume));
  if (is_cache(*volume)) {
    co_return co_await entries_.read(volume, std::move(caller), file.inode, offset, max_bytes, check);
  }
  const ReadGuard guard(core_.dead_blobs);
  const FileStatePtr state = core_.open_files.state(file);
  for (int attempt = 0; attempt < kReadAttempts; ++attempt) {
    TP_CO_TRY(const FileContentPtr content, co_await load_content(core_, state));
    const rt::Nanos now = core_.runtime.clock().now();
    const Plan plan = plan_read(*state, content, offset, max_bytes, now);
    ReadResult result;
    result.attributes = attributes_of(core_, *volume, file.inode, content->record, plan.live);
    TP_CO_TRY_VOID(require_bytes(caller, result.attributes, kMayRead, check));
    TP_CO_TRY_VOID(require_online(core_, content->record));
    if (plan.stale && attempt + 1 < kReadAttempts) continue;
    if (plan.tell_use && check == AccessCheck::kByMode) core_.pins.use(file, now);
    if (plan.tell_use) core_.accesses.note(file.volume, file.inode, content->record, core_.runtime.clock());
    if (plan.ahead) core_.clean_up(read_ahead(&core_, state, plan.ahead->first, plan.ahead->second));
    Fetches fetches;
    TP_CO_TRY(const bool whole, co_await gather(core_, state, content, &plan, offset, &fetches));
    if (!whole) continue;
    TP_CO_TRY_VOID(co_await finish_read(core_, &fetches, &result));
    result.end_of_file = plan.end >= std::max(content->record.size_bytes, result.attributes.size_bytes);
    co_return result;
  }
  co_return fail(Code::kBusy, "the file changes faster than it can be read");
}

}  // namespace tp::plane
