#include "front/nfs/v4/pseudo_root.h"

#include <algorithm>

#include "base/hash/crc.h"
#include "plane/reason.h"
#include "plane/tree/snapshots/snapshot_ids.h"

namespace tp::nfs::v4 {
namespace {

constexpr uint32_t kVolumesAtOnce = 1000;
constexpr uint64_t kCookieShift = 2;  // cookies 0 to 2 have their own meaning
constexpr uint32_t kDirectoryMode = 0555;
constexpr uint64_t kDirectoryBytes = 4096;

plane::Caller operator_of_store() {
  plane::Caller caller;
  caller.user_id = "root";
  caller.root = true;
  return caller;
}

}  // namespace

PseudoRoot::PseudoRoot(NfsCore& core) : core_(core), started_(core.runtime.clock().wall_now()), changed_(started_) {}

std::vector<PseudoRoot::Volume> PseudoRoot::volumes() {
  const plane::Caller caller = operator_of_store();
  std::vector<Volume> found;
  std::string after;
  for (bool more = true; more;) {
    const auto page = core_.plane.list_volumes(caller, "", after, kVolumesAtOnce);
    if (!page || page->volumes.empty()) break;
    for (const auto& volume : page->volumes) {
      const auto root = core_.files.root(volume.name);
      if (root) found.push_back({volume.name, *root});
    }
    after = page->volumes.back().name;
    more = page->truncated;
  }
  std::sort(found.begin(), found.end(), [](const Volume& a, const Volume& b) { return a.root.volume < b.root.volume; });
  return found;
}

plane::FileAttributes PseudoRoot::attributes() {
  const std::vector<Volume> all = volumes();
  uint64_t fingerprint = 0;
  for (const Volume& volume : all) {
    char id[sizeof(uint64_t)];
    put_be(id, volume.root.volume.value);
    fingerprint = crc64nvme(fingerprint, BytesView(id, sizeof id));
    fingerprint = crc64nvme(fingerprint, volume.name);
  }
  plane::FileAttributes attributes;
  attributes.type = meta::InodeType::kDirectory;
  attributes.mode = kDirectoryMode;
  attributes.links = static_cast<uint32_t>(std::min<size_t>(2 + all.size(), plane::kMaxLinks));
  attributes.size_bytes = kDirectoryBytes;
  attributes.created = started_;
  const std::lock_guard lock(mutex_);
  if (fingerprint != seen_) {
    seen_ = fingerprint;
    changed_ = std::max(core_.runtime.clock().wall_now(), changed_ + 1);
  }
  attributes.changed = attributes.modified = attributes.accessed = changed_;
  return attributes;
}

Result<PseudoRoot::Entry> PseudoRoot::lookup(const plane::ClaimedIdentity& claimed, const std::string& name) {
  const Result<plane::FileId> root = core_.files.root(name);
  if (!root || !core_.files.admit(claimed, root->volume)) {
    return fail(Code::kNotFound, plane::Reason::kNoSuchKey, "no such volume, or it does not admit the client");
  }
  return Entry{name, *root, root->volume.value + kCookieShift};
}

std::vector<PseudoRoot::Entry> PseudoRoot::list(const plane::ClaimedIdentity& claimed, uint64_t cookie) {
  std::vector<Entry> entries;
  for (Volume& volume : volumes()) {
    const uint64_t own = volume.root.volume.value + kCookieShift;
    if (own <= cookie || !core_.files.admit(claimed, volume.root.volume)) continue;
    entries.push_back({std::move(volume.name), volume.root, own});
  }
  return entries;
}

bool PseudoRoot::is_volume_root(plane::FileId file) {
  if (!plane::is_live_volume(file.volume)) return false;  // of snapshots there may be many
  {
    const std::lock_guard lock(mutex_);
    const auto known = roots_.find(file.volume);
    if (known != roots_.end()) return known->second == file.inode;
  }
  const std::vector<Volume> all = volumes();
  const std::lock_guard lock(mutex_);
  roots_.clear();
  for (const Volume& volume : all) roots_[volume.root.volume] = volume.root.inode;
  const auto known = roots_.find(file.volume);
  return known != roots_.end() && known->second == file.inode;
}

}  // namespace tp::nfs::v4
