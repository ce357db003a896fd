// Finding a version of a key by its id, outside transactions.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "meta/versions/version_record.h"
#include "plane/core/core.h"

namespace tp::plane {

/// The number that S3's versionId names: kInvalidArgument with Reason::kInvalidVersion.
Result<uint64_t> parse_version(std::string_view text);
/// Of what has no versions: kNotFound with Reason::kNoSuchVersion unless it names the null version.
Result<void> require_null_version(std::string_view text);
/// The right that is asked for where a version is named: kGetObject -> kGetObjectVersion.
Action version_action(Action action);

struct FoundVersion {
  std::shared_ptr<CachedObject> object;  // null: a delete marker, or nothing
  std::optional<meta::VersionRecord> marker;
};
/// `view` sees one point in time.
Result<FoundVersion> load_version(meta::RecordSource& view, const meta::VolumeRecord& volume, BytesView key,
                                  uint64_t number, bool with_data);
/// What `object` names, with or without a version; null: nothing.
Result<std::shared_ptr<CachedObject>> load_named(meta::RecordSource& view, const meta::VolumeRecord& volume,
                                                 const ObjectRef& object, bool with_data);

/// PlaneImpl::find_object() of an object with a version: kNotFound with kNoSuchVersion; kConflict with kDeleteMarker if
/// it is one (delete_marker.h).
Task<CachedObjectPtr> find_version_object(Core& core, Caller caller, VolumeEntryPtr volume, ObjectRef object,
                                          Action action, bool with_data);
/// Fails as a missing key does: says of a delete marker where that is why (kNotFound with kDeleteMarker).
Task<void> missing_object(Core& core, Caller caller, VolumeEntryPtr volume, std::string key);

}  // namespace tp::plane
