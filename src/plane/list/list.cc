#include "plane/core/plane_impl.h"
#include "plane/entries/entry_objects.h"
#include "plane/list/list_page.h"
#include "plane/list/snapshot_read.h"
#include "plane/rights/rights.h"

namespace tp::plane {

namespace {
/// Pages this small are tried on the loop itself first: if all is in memory, that is cheaper than the way to the pool.
constexpr uint32_t kTinyPage = 20;
}  // namespace

Task<ListPage> PlaneImpl::list(Caller caller, std::string volume, ListQuery query) {
  TP_CO_TRY(const VolumeEntryPtr entry, core_.volumes.find(volume));
  TP_CO_TRY_VOID(require_on_volume(caller, *entry, Action::kListBucket, query.prefix, query.delimiter));
  if (is_cache(*entry)) {
    query.max_entries = std::min(query.max_entries, kMaxListEntries);
    co_return co_await list_entry_objects(core_, entry, std::move(query));
  }
  if (query.max_entries <= kTinyPage) {
    const auto snapshot = core_.meta.engine().snapshot();
    meta::ReadView cached(core_.meta.engine(), kv::ReadMode::kCachedOnly, snapshot.get(), entry->layer);
    auto page = list_page(cached, entry->root, query);
    if (page || page.error().code != Code::kWouldBlock) co_return std::move(page);
  }
  auto body = [&](meta::ReadView& view) { return list_page(view, entry->root, query); };
  co_return co_await read_snapshot(core_, entry, std::move(body));
}

}  // namespace tp::plane
