#include <algorithm>

#include "plane/entries/entry_objects.h"
#include "plane/tree/snapshots/snapshot_ids.h"
#include "plane/tree/files_impl.h"
#include "plane/tree/listing/directory_reader.h"
#include "plane/tree/tree_volume.h"

namespace tp::plane {
namespace {

constexpr uint32_t kMaxEntries = 8192;
/// So many are read on the loop itself if all is in memory: most directories whole.
constexpr uint32_t kEntriesOnLoop = 128;

}  // namespace

Task<DirectoryPage> FilesImpl::read_directory(FileCaller caller, FileId directory, uint64_t cookie,
                                              uint32_t max_entries, bool with_attributes) {
  if (is_snapshot_list(directory.volume)) {
    co_return co_await snapshots_.read_directory(std::move(caller), directory, cookie, max_entries);
  }
  TP_CO_TRY(const VolumeEntryPtr volume, volume_of(core_, directory.volume));
  if (is_cache(*volume)) {
    co_return co_await entries_.read_directory(volume, std::move(caller), directory.inode, cookie, max_entries);
  }
  DirectoryQuery query;
  query.caller = std::move(caller);
  query.directory = directory;
  query.cookie = cookie;
  query.with_attributes = with_attributes;
  const uint32_t limit = std::clamp<uint32_t>(max_entries, 1, kMaxEntries);
  query.max_entries = std::min(limit, kEntriesOnLoop);
  Result<DirectoryReading> reading = fail(Code::kWouldBlock, "a further page of a large directory");
  if (cookie == 0 || limit <= kEntriesOnLoop) {
    meta::ReadView cached(core_.meta.engine(), kv::ReadMode::kCachedOnly, nullptr, volume->layer);
    reading = read_directory_page(core_, cached, *volume, cursors_, query);
  }
  const bool enough = reading && (reading->page.end || limit <= kEntriesOnLoop);
  if (!enough && (reading || reading.error().code == Code::kWouldBlock)) {
    query.max_entries = limit;
    auto call = [&] {
      meta::ReadView view(core_.meta.engine(), kv::ReadMode::kAny, nullptr, volume->layer);
      return read_directory_page(core_, view, *volume, cursors_, query);
    };
    reading = co_await core_.runtime.pool().run(std::move(call));
  }
  if (!reading) co_return std::unexpected(std::move(reading).error());
  if (!reading->given.cookies.empty()) cursors_.remember(std::move(reading->given));
  co_return std::move(reading->page);
}

}  // namespace tp::plane
