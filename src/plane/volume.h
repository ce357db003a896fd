// Volume: what the plane keeps in memory of one volume, immutable; a change makes a new one.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "meta/volume_record.h"

namespace tp::plane {

using VolumePtr = std::shared_ptr<const meta::VolumeRecord>;

struct CreateVolumeOptions {
  std::string location;
  meta::Ownership ownership = meta::Ownership::kObjectWriter;
  meta::AccessList access;
};

struct VolumeListEntry {
  std::string name;
  rt::Nanos created = 0;
};
struct VolumeListPage {
  std::vector<VolumeListEntry> volumes;
  bool truncated = false;
};

/// What set_volume changes; only what is set.
struct VolumeChange {
  std::optional<meta::AccessList> access;
  std::optional<meta::TagSet> tags;
  std::optional<std::string> cors;
  std::optional<std::string> policy;
  std::optional<meta::Ownership> ownership;
};

}  // namespace tp::plane
