#include "plane/versions/version_lookup.h"

#include "meta/versions/version_id.h"
#include "plane/core/object_lookup.h"
#include "plane/list/snapshot_read.h"
#include "plane/rights/rights.h"
#include "plane/versions/delete_marker.h"

namespace tp::plane {

using kv::Space;

Result<uint64_t> parse_version(std::string_view text) {
  const auto number = meta::parse_version_text(text);
  if (!number) return fail(Code::kInvalidArgument, Reason::kInvalidVersion, "the text is no version id");
  return *number;
}

Result<void> require_null_version(std::string_view text) {
  TP_TRY(const uint64_t number, parse_version(text));
  if (number != 0) return fail(Code::kNotFound, Reason::kNoSuchVersion, "there is no such version");
  return ok;
}

Action version_action(Action action) {
  switch (action) {
    case Action::kGetObject:
      return Action::kGetObjectVersion;
    case Action::kGetObjectAcl:
      return Action::kGetObjectVersionAcl;
    case Action::kPutObjectAcl:
      return Action::kPutObjectVersionAcl;
    case Action::kGetObjectTagging:
      return Action::kGetObjectVersionTagging;
    case Action::kPutObjectTagging:
      return Action::kPutObjectVersionTagging;
    case Action::kDeleteObjectTagging:
      return Action::kDeleteObjectVersionTagging;
    case Action::kGetObjectAttributes:
      return Action::kGetObjectVersionAttributes;
    case Action::kDeleteObject:
      return Action::kDeleteObjectVersion;
    default:
      return action;
  }
}

namespace {

Result<std::optional<meta::VersionRecord>> find_kept(meta::RecordSource& view, VolumeId volume, BytesView key,
                                                     uint64_t number) {
  uint64_t order = number;
  if (number == 0) {
    TP_TRY(const auto named, view.get(Space::kVersions, meta::version_key(volume, key, 0)));
    if (!named) return std::nullopt;
    TP_TRY(order, meta::decode_null_version(*named));
  }
  TP_TRY(const auto value, view.get(Space::kVersions, meta::version_key(volume, key, order)));
  if (!value) return std::nullopt;
  TP_TRY(auto entry, meta::decode_version(*value));
  if (entry.null_version != (number == 0)) return std::nullopt;
  return std::optional(std::move(entry));
}

/// The newest of the key that is not current.
Result<std::optional<DeleteMarkerNews>> find_marker(meta::RecordSource& view, VolumeId volume, BytesView key) {
  std::optional<DeleteMarkerNews> news;
  Result<void> parsed = ok;
  auto take = [&](BytesView at, BytesView value) {
    const auto parts = meta::parse_version_key(at);
    if (!parts || parts->order == 0) return false;
    auto entry = meta::decode_version(value);
    if (!entry) {
      parsed = std::unexpected(std::move(entry).error());
    } else if (entry->delete_marker()) {
      news = DeleteMarkerNews{meta::version_text(entry->null_version ? 0 : parts->order), entry->modified};
    }
    return false;
  };
  TP_TRY_VOID(
      view.scan(Space::kVersions, meta::key_versions_begin(volume, key), meta::key_versions_end(volume, key), take));
  TP_TRY_VOID(std::move(parsed));
  return news;
}

}  // namespace

Result<FoundVersion> load_version(meta::RecordSource& view, const meta::VolumeRecord& volume, BytesView key,
                                  uint64_t number, bool with_data) {
  FoundVersion found;
  TP_TRY(found.object, load_object(view, volume, key, false));
  if (found.object != nullptr && found.object->info.record.version == number) {
    if (!with_data) return found;
    TP_TRY(found.object, load_object_of(view, volume, found.object->info.inode, true));
    return found;
  }
  found.object = nullptr;
  TP_TRY(auto entry, find_kept(view, volume.id, key, number));
  if (!entry) return found;
  if (entry->delete_marker()) {
    found.marker = std::move(entry);
    return found;
  }
  TP_TRY(found.object, load_object_of(view, volume, entry->inode, with_data));
  return found;
}

Result<std::shared_ptr<CachedObject>> load_named(meta::RecordSource& view, const meta::VolumeRecord& volume,
                                                 const ObjectRef& object, bool with_data) {
  if (object.version.empty()) return load_object(view, volume, object.key, with_data);
  TP_TRY(const uint64_t number, parse_version(object.version));
  TP_TRY(FoundVersion found, load_version(view, volume, object.key, number, with_data));
  return std::move(found.object);
}

Task<CachedObjectPtr> find_version_object(Core& core, Caller caller, VolumeEntryPtr volume, ObjectRef object,
                                          Action action, bool with_data) {
  TP_CO_TRY(const uint64_t number, parse_version(object.version));
  const Action asked = version_action(action);
  const uint64_t relocations = core.relocations.load();
  auto load = [&](meta::ReadView& view) { return load_version(view, *volume, object.key, number, with_data); };
  TP_CO_TRY(FoundVersion found, co_await read_snapshot(core, volume, std::move(load)));
  if (found.object != nullptr) {
    found.object->relocations = relocations;
    TP_CO_TRY_VOID(require_on_object(caller, *volume, asked, object.key, &found.object->info.record));
    co_return CachedObjectPtr(std::move(found.object));
  }
  // Who may not list does not hear what is there and what not.
  if (Error missing = missing_key(caller, *volume, object.key); missing.code != Code::kNotFound) {
    co_return std::unexpected(std::move(missing));
  }
  if (found.marker) {
    const DeleteMarkerNews news{object.version, found.marker->modified};
    co_return std::unexpected(delete_marker_error(Code::kConflict, news));
  }
  co_return fail(Code::kNotFound, Reason::kNoSuchVersion, "there is no such version");
}

Task<void> missing_object(Core& core, Caller caller, VolumeEntryPtr volume, std::string key) {
  Error missing = missing_key(caller, *volume, key);
  if (missing.code == Code::kNotFound && volume->versioning != meta::Versioning::kOff) {
    auto find = [&](meta::ReadView& view) { return find_marker(view, volume->id, key); };
    TP_CO_TRY(const auto marker, co_await read_snapshot(core, volume, std::move(find)));
    if (marker) co_return std::unexpected(delete_marker_error(Code::kNotFound, *marker));
  }
  co_return std::unexpected(std::move(missing));
}

}  // namespace tp::plane
