// Volume: what the plane keeps in memory of one volume, immutable; a change makes a new one.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "meta/volume_record.h"

namespace tp::plane {

using VolumePtr = std::shared_ptr<const meta::VolumeRecord>;

struct CreateVolumeOptions {
  std::string location;
  meta::Ownership ownership = meta::Ownership::kObjectWriter;
  meta::AccessList access;
  /// kCache: `cache_settings` is what EntrySource::settings() takes.
  meta::VolumeKind kind = meta::VolumeKind::kTree;
  std::string cache_settings;
  bool object_lock = false;  // S3 Object Lock, and so versions, from the beginning
  bool granted = false;  // the operator makes it for the caller: what root alone may make, too
};

struct VolumeListEntry {
  std::string name;
  rt::Nanos created = 0;
};
struct VolumeListPage {
  std::vector<VolumeListEntry> volumes;
  bool truncated = false;
};

/// Fields of the export rules; only what is set.
struct ExportChange {
  std::optional<bool> read_only;
  std::optional<meta::Squash> squash;
  std::optional<std::pair<uint32_t, uint32_t>> anonymous;      // uid, gid
  std::optional<std::vector<std::string>> networks;
  std::optional<std::pair<uint32_t, uint32_t>> default_owner;  // uid, gid
  std::optional<std::pair<uint32_t, uint32_t>> modes;          // of files, of directories: permission bits
};

/// What set_volume changes; only what is set.
struct VolumeChange {
  std::optional<meta::AccessList> access;
  std::optional<meta::TagSet> tags;
  std::optional<std::string> cors;
  std::optional<std::string> policy;
  std::optional<meta::Ownership> ownership;
  // These: root and the volume's owner alone.
  ExportChange exports;
  std::optional<uint64_t> quota_bytes, quota_objects;  // 0: none
  std::optional<std::string> cache_settings;           // of a cache volume: over the present ones
  std::optional<meta::Versioning> versioning;
  std::optional<meta::LockRules> lock;
  std::optional<std::string> lifecycle;
  std::optional<std::string> snapshot_schedule;
};

}  // namespace tp::plane
