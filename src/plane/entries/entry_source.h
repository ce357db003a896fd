// EntrySource: where the plane finds what cache volumes hold. Whoever runs the cache implements it (the server); the
// plane shows entries as objects and files that can only be read, and tells it what becomes of the volumes. Entries
// come and go by themselves: what was listed may be gone when it is asked for. Any loop.
#pragma once

#include <string>
#include <vector>

#include "plane/file_types.h"
#include "plane/object_types.h"
#include "plane/volume.h"
#include "rt/task.h"

namespace tp::plane {

struct SourceEntry {
  Bytes key;                 // as it is shown: where the entry is, and its own key (docs/cache.md, the view)
  uint64_t size_bytes = 0;
  uint64_t version = 0;      // another and larger one whenever the entry changes
};
struct SourcePage {
  std::vector<SourceEntry> entries;         // in key order
  std::vector<std::string> common_prefixes; // in order
  bool truncated = false;                   // exact when it was made
};

class EntrySource {
 public:
  virtual ~EntrySource() = default;

  // Volumes.
  /// The settings to keep: `wanted` (JSON of what is set) over `present` ("": a new volume). kInvalidArgument in words.
  virtual Result<std::string> settings(const std::string& wanted, const std::string& present) const = 0;
  /// The volume is there from now on: makes its engine. What fails here, fails the creation.
  virtual Task<void> created(VolumePtr volume) = 0;
  /// Its settings are others.
  virtual Task<void> changed(VolumePtr volume) = 0;
  /// It is gone, and so is what it held.
  virtual Task<void> removed(VolumePtr volume) = 0;

  // Entries. kUnavailable: the volume's engine could not be opened.
  virtual Task<SourcePage> list(VolumePtr volume, ListQuery query) = 0;
  /// Whether any key begins with `prefix`.
  virtual Task<bool> any(VolumePtr volume, Bytes prefix) = 0;
  /// kNotFound: there is none (any more).
  virtual Task<SourceEntry> find(VolumePtr volume, Bytes key) = 0;
  /// All bytes of that version; kNotFound: it has gone or is another.
  virtual Task<Payload> read(VolumePtr volume, SourceEntry entry) = 0;
};

}  // namespace tp::plane
