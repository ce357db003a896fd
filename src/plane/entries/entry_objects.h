// Entries of a cache volume as objects: how they are found, listed and read. Rights are the caller's to ask for.
#pragma once

#include "plane/core/core.h"
#include "plane/entries/entry_source.h"

namespace tp::plane {

inline bool is_cache(const meta::VolumeRecord& volume) { return volume.kind == meta::VolumeKind::kCache; }

/// kPermissionDenied with Reason::kReadOnlyVolume: what is answered to whoever would change entries.
std::unexpected<Error> entries_are_read_only();
/// kUnavailable where no cache runs.
Result<EntrySource*> entry_source(const Core& core);

/// The record that an entry shows.
meta::InodeRecord record_of_entry(const VolumeEntry& volume, const SourceEntry& entry);

/// An object without bytes; null if there is none.
Task<CachedObjectPtr> find_entry_object(Core& core, VolumeEntryPtr volume, std::string key);
Task<ListPage> list_entry_objects(Core& core, VolumeEntryPtr volume, ListQuery query);

struct OpenedEntry {
  ObjectInfo info;
  Payload bytes;
};
/// nullopt if there is none.
Task<std::optional<OpenedEntry>> open_entry(Core& core, VolumeEntryPtr volume, std::string key);
std::unique_ptr<ObjectReader> make_entry_reader(OpenedEntry entry);

}  // namespace tp::plane
