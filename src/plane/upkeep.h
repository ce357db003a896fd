// Upkeep: what services above the plane (lifecycle) do in its name, without a caller's rights: they act for the
// volume's owner by its own rules. Every step names what it saw; if that has changed meanwhile it does nothing and says
// so. Safe from any loop.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "meta/journal.h"
#include "plane/object_types.h"
#include "plane/volume.h"
#include "rt/task.h"

namespace tp::plane {

/// One version of a key, as rules look at it.
struct UpkeepObject {
  std::string key;
  uint64_t version = 0;               // InodeRecord::version; 0: the null version
  InodeId inode;                      // zero: a delete marker
  bool current = true;
  bool only_version = true;           // of a current delete marker: nothing else is left of the key
  uint64_t newer_noncurrent = 0;      // of one that is not current: how many of them are newer
  rt::Nanos modified = 0, accessed = 0, superseded = 0;
  uint64_t size_bytes = 0;
  meta::TagSet tags;
  std::string storage_class;
};
struct UpkeepPage {
  std::vector<UpkeepObject> objects;  // all versions of a key together, newest first
  std::string next;                   // the key to go on after; "" at the end
};
struct UpkeepUpload {
  std::string key;
  UploadId upload;
  rt::Nanos created = 0;
};

class Upkeep {
 public:
  virtual ~Upkeep() = default;

  virtual std::vector<VolumePtr> volumes() = 0;
  /// Null if it is gone.
  virtual VolumePtr volume(VolumeId id) = 0;
  /// Changes after `after`, oldest first. kOutOfRange if some of them are not kept any more: walk instead.
  virtual Task<std::vector<std::pair<JournalSeq, meta::Change>>> changes(JournalSeq after, size_t limit) = 0;
  /// The newest change there is.
  virtual JournalSeq newest() = 0;

  /// All versions of keys after `after`, whole keys, about `limit` objects.
  virtual Task<UpkeepPage> walk(VolumeId volume, std::string after, size_t limit) = 0;
  /// All versions of one key, newest first.
  virtual Task<std::vector<UpkeepObject>> versions(VolumeId volume, std::string key) = 0;
  virtual Task<std::vector<UpkeepUpload>> uploads(VolumeId volume) = 0;

  /// The current object goes as a DELETE without version would have it (a delete marker where versions are kept).
  /// False: it is not that inode any more.
  virtual Task<bool> expire(VolumeId volume, std::string key, InodeId inode) = 0;
  /// This version, or delete marker, goes for good. False: not there, current again, or locked.
  virtual Task<bool> expire_version(VolumeId volume, std::string key, uint64_t version) = 0;
  virtual Task<bool> abort_upload(VolumeId volume, std::string key, UploadId upload) = 0;
  /// The storage class of this version becomes `storage_class`, and its bytes move there in the background.
  virtual Task<bool> transition(VolumeId volume, std::string key, uint64_t version, InodeId inode,
                                std::string storage_class) = 0;

  /// Small records of the service, in order of their keys (Space::kDue): one call is one transaction.
  struct Edit {
    Bytes key;
    std::optional<Bytes> value;  // nullopt erases
  };
  virtual Task<void> edit(std::vector<Edit> edits) = 0;
  virtual Task<std::vector<std::pair<Bytes, Bytes>>> records(Bytes begin, Bytes end, size_t limit) = 0;
};

}  // namespace tp::plane
