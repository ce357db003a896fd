#include <algorithm>

#include "meta/versions/version_id.h"
#include "plane/core/plane_impl.h"
#include "plane/entries/entry_objects.h"
#include "plane/list/list_page.h"
#include "plane/list/snapshot_read.h"
#include "plane/rights/rights.h"
#include "plane/versions/version_lookup.h"
#include "plane/versions/version_walker.h"

namespace tp::plane {
namespace {

class VersionPageBuilder {
 public:
  VersionPageBuilder(meta::ReadView& view, const meta::VolumeRecord& volume, const VersionQuery& query)
      : query_(query), walker_(view, volume), limit_(std::min(query.max_entries, kMaxListEntries)) {}

  Result<VersionPage> build() {
    if (limit_ == 0) return std::move(page_);
    TP_TRY(bool more, seek_start());
    while (more && walker_.valid() && walker_.key().starts_with(query_.prefix)) {
      if (page_.versions.size() + page_.common_prefixes.size() == limit_) {
        page_.truncated = true;
        break;
      }
      const size_t group = group_size();
      if (group != 0) {
        TP_TRY(more, give_group(group));
      } else {
        TP_TRY_VOID(give_version());
      }
    }
    return std::move(page_);
  }

 private:
  /// False if nothing can come.
  Result<bool> seek_start() {
    const std::string& marker = query_.key_marker;
    Bytes target = query_.prefix;
    if (marker.empty()) {
      // From the beginning.
    } else if (query_.marker_is_prefix) {
      Bytes past = successor_of_prefix(marker);
      if (past.empty()) return false;
      target = std::max(std::move(past), target);
    } else if (marker >= query_.prefix) {
      if (!query_.version_marker.empty()) {
        TP_TRY(const uint64_t number, parse_version(query_.version_marker));
        TP_TRY_VOID(walker_.seek_after(marker, number));
        return true;
      }
      target = marker + '\0';
    }
    TP_TRY_VOID(walker_.seek(target));
    return true;
  }

  size_t group_size() const {
    if (query_.delimiter.empty()) return 0;
    const size_t found = walker_.key().find(query_.delimiter, query_.prefix.size());
    return found == BytesView::npos ? 0 : found + query_.delimiter.size();
  }

  /// False if nothing comes after the group.
  Result<bool> give_group(size_t size) {
    page_.common_prefixes.emplace_back(walker_.key().substr(0, size));
    page_.next_key = page_.common_prefixes.back();
    page_.next_version.clear();
    const Bytes past = successor_of_prefix(page_.next_key);
    if (past.empty()) return false;
    TP_TRY_VOID(walker_.seek(past));
    return true;
  }

  Result<void> give_version() {
    ListedVersion& version = page_.versions.emplace_back();
    version.object.key = walker_.key();
    version.latest = walker_.latest();
    version.delete_marker = walker_.delete_marker();
    uint64_t number = 0;
    if (version.delete_marker) {
      number = walker_.kept_number();
      version.object.modified = walker_.entry().modified;
      version.object.owner = walker_.entry().owner;
    } else {
      TP_TRY(meta::ListedInode listed, walker_.listed());
      number = walker_.current() ? listed.version : walker_.kept_number();
      fill(std::move(listed), version.object);
    }
    version.version = meta::version_text(number);
    page_.next_key = version.object.key;
    page_.next_version = version.version;
    return walker_.next();
  }

  static void fill(meta::ListedInode listed, ListedObject& object) {
    object.size_bytes = listed.size_bytes;
    object.modified = listed.modified;
    object.etag = std::move(listed.etag);
    object.storage_class = std::move(listed.storage_class);
    object.owner = std::move(listed.owner);
    object.checksum_algorithm = listed.checksum_algorithm;
    object.checksum_type = listed.checksum_type;
  }

  const VersionQuery& query_;
  VersionWalker walker_;
  const uint32_t limit_;
  VersionPage page_;
};

/// Entries of a cache volume have no other version than "null".
Task<VersionPage> list_entries(Core& core, VolumeEntryPtr volume, VersionQuery query) {
  ListQuery plain;
  plain.prefix = std::move(query.prefix);
  plain.delimiter = std::move(query.delimiter);
  plain.after = std::move(query.key_marker);
  plain.after_is_prefix = query.marker_is_prefix;
  plain.max_entries = std::min(query.max_entries, kMaxListEntries);
  TP_CO_TRY(ListPage listed, co_await list_entry_objects(core, std::move(volume), std::move(plain)));
  VersionPage page;
  for (ListedObject& object : listed.objects) {
    page.versions.push_back({std::move(object), meta::version_text(0), true, false});
  }
  page.common_prefixes = std::move(listed.common_prefixes);
  page.truncated = listed.truncated;
  page.next_key = std::move(listed.last);
  if (!listed.last_is_prefix) page.next_version = meta::version_text(0);
  co_return page;
}

}  // namespace

Task<VersionPage> PlaneImpl::list_versions(Caller caller, std::string volume_name, VersionQuery query) {
  TP_CO_TRY(const VolumeEntryPtr volume, core_.volumes.find(volume_name));
  TP_CO_TRY_VOID(require_on_volume(caller, *volume, Action::kListBucketVersions, query.prefix, query.delimiter));
  if (!query.version_marker.empty()) TP_CO_TRY_VOID(parse_version(query.version_marker));
  if (is_cache(*volume)) co_return co_await list_entries(core_, volume, std::move(query));
  auto body = [&](meta::ReadView& view) { return VersionPageBuilder(view, *volume, query).build(); };
  co_return co_await read_snapshot(core_, volume, std::move(body));
}

}  // namespace tp::plane
