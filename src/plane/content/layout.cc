#include "plane/content/layout.h"

#include <algorithm>

#include "meta/keys.h"
#include "plane/core/object_lookup.h"
#include "plane/reason.h"

namespace tp::plane {
namespace {

constexpr size_t kWholeExtents = 4096;  // files with more are read a window at a time
constexpr int kAttempts = 16;

bool covers(const Layout& layout, uint64_t from, uint64_t to) {
  if (layout.complete) return true;
  to = std::min(to, layout.record.size_bytes);
  if (from >= to) return true;
  if (layout.extents.empty()) return false;
  const meta::Extent& last = layout.extents.back().extent;
  return layout.extents.front().extent.offset <= from && last.offset + last.length_bytes >= to;
}

Result<void> load_extents_around(meta::RecordSource& source, Layout& layout, InodeId inode, uint64_t from,
                                 uint64_t to) {
  const uint64_t size = layout.record.size_bytes;
  TP_TRY(layout.extents, load_located(source, inode, 0, size, kWholeExtents));
  layout.complete = layout.extents.size() < kWholeExtents;
  if (layout.complete || covers(layout, from, to)) return ok;
  TP_TRY(auto first, source.last_at_or_before(kv::Space::kExtents, meta::extents_begin(inode),
                                              meta::extent_key(inode, from)));
  if (!first) return fail(Code::kConflict, "the file's extents are not there");
  const uint64_t begin = get_be<uint64_t>(first->key.data() + sizeof(uint64_t));
  TP_TRY(layout.extents, load_located(source, inode, begin, std::min(to, size), SIZE_MAX));
  return ok;
}

}  // namespace

Result<LayoutPtr> load_layout(Core& core, meta::ReadView& view, InodeId inode, uint64_t from, uint64_t to) {
  // One point in time, whatever is committed meanwhile.
  const auto snapshot = core.meta.engine().snapshot();
  meta::ReadView at(core.meta.engine(), view.mode(), snapshot.get());
  auto layout = std::make_shared<Layout>();
  layout->relocations = core.relocations.load();
  TP_TRY(auto record, find_inode(at, inode));
  if (!record) return fail(Code::kNotFound, Reason::kStale, "the file is not there");
  layout->record = std::move(*record);
  layout->complete = true;
  if (layout->record.place == meta::DataPlace::kSmall) {
    TP_TRY(auto value, at.get(kv::Space::kData, meta::data_key(inode)));
    if (!value) return fail(Code::kCorruption, "a file's data is not there");
    layout->small_record = std::move(*value);
    TP_TRY(layout->small, meta::decode_small_data(inode, layout->small_record));
  }
  if (layout->record.place == meta::DataPlace::kExtents) {
    TP_TRY_VOID(load_extents_around(at, *layout, inode, from, to));
  }
  return LayoutPtr(std::move(layout));
}

Task<LayoutPtr> find_layout(Core& core, InodeId inode, uint64_t from, uint64_t to) {
  for (int attempt = 1;; ++attempt) {
    const uint64_t relocations = core.relocations.load();
    LayoutPtr kept = core.open_files.layout(inode);
    if (kept && kept->relocations == relocations && covers(*kept, from, to)) co_return kept;
    const uint64_t ticket = core.open_files.ticket(inode);
    auto load = [&core, inode, from, to](meta::ReadView& view) { return load_layout(core, view, inode, from, to); };
    auto loaded = co_await core.meta.read(std::move(load));
    if (loaded) {
      core.open_files.keep(inode, ticket, *loaded);
      co_return loaded;
    }
    if (loaded.error().code != Code::kConflict || attempt == kAttempts) co_return loaded;
  }
}

}  // namespace tp::plane
