// PseudoRoot: the directory above the volumes, "/": read-only, made up. Its entries are the volumes that admit the
// client. Its change attribute grows whenever a volume comes or goes. Safe from any loop.
// Spec: RFC 8881 §7.3 (pseudo file system).
#pragma once

#include <mutex>
#include <unordered_map>
#include <vector>

#include "front/nfs/core/nfs_front.h"

namespace tp::nfs::v4 {

class PseudoRoot {
 public:
  explicit PseudoRoot(NfsCore& core);

  plane::FileAttributes attributes();
  struct Entry {
    std::string name;
    plane::FileId root;
    uint64_t cookie = 0;  // 3 and more: grows with the volume's id, which is never used again
  };
  /// kNotFound also for volumes that do not admit the client: they are not there for it.
  Result<Entry> lookup(const plane::ClaimedIdentity& claimed, const std::string& name);
  /// The volumes that admit the client, by cookie, after `cookie`.
  std::vector<Entry> list(const plane::ClaimedIdentity& claimed, uint64_t cookie);
  /// Whether the file is the root of its volume.
  bool is_volume_root(plane::FileId file);

 private:
  struct Volume {
    std::string name;
    plane::FileId root;
  };
  std::vector<Volume> volumes();

  NfsCore& core_;
  const rt::Nanos started_;
  std::mutex mutex_;
  std::unordered_map<VolumeId, InodeId> roots_;  // of volumes that were there lately
  uint64_t seen_ = 0;                            // fingerprint of the list of volumes
  rt::Nanos changed_ = 0;
};

}  // namespace tp::nfs::v4
