#include "support/lifecycle/fake_upkeep.h"

#include <algorithm>

namespace tp::test {

using meta::ChangeKind;
using meta::Versioning;

Result<void> FakeUpkeep::answer() {
  if (!calls_left_) return ok;
  if (*calls_left_ == 0) return fail(Code::kUnavailable, "the store does not answer");
  --*calls_left_;
  return ok;
}

void FakeUpkeep::note(ChangeKind kind, VolumeId volume, const std::string& key, const std::string& new_key) {
  meta::Change change;
  change.kind = kind;
  change.volume = volume;
  change.key = key;
  change.new_key = new_key;
  change.time = clock_.wall_now();
  journal_.push_back(std::move(change));
}

void FakeUpkeep::renumber(Versions& versions) {
  uint64_t newer = 0;
  for (Object& object : versions) {
    object.only_version = versions.size() == 1;
    object.newer_noncurrent = object.current ? 0 : newer++;
  }
}

void FakeUpkeep::erase(Versions& versions, size_t index) {
  versions.erase(versions.begin() + static_cast<std::ptrdiff_t>(index));
  if (index == 0 && !versions.empty()) {
    versions.front().current = true;
    versions.front().superseded = 0;
  }
  renumber(versions);
}

void FakeUpkeep::push(VolumeId volume, const std::string& key, Object object) {
  Versions& versions = state_[volume].keys[key];
  const Versioning keeps = state_[volume].record->versioning;
  object.key = key;
  object.version = keeps == Versioning::kEnabled ? next_number_++ : 0;
  object.modified = clock_.wall_now();
  if (keeps != Versioning::kEnabled) std::erase_if(versions, [](const Object& each) { return each.version == 0; });
  if (!versions.empty() && versions.front().current) {
    versions.front().current = false;
    versions.front().superseded = clock_.wall_now();
  }
  const bool nothing = keeps == Versioning::kOff && !object.inode;
  if (!nothing) versions.insert(versions.begin(), std::move(object));
  renumber(versions);
  if (versions.empty()) state_[volume].keys.erase(key);
}

bool FakeUpkeep::locked(const Object& object) const {
  const auto lock = locks_.find(object.inode.value);
  return lock != locks_.end() && clock_.wall_now() < lock->second;
}

void FakeUpkeep::set_volume(meta::VolumeRecord record) {
  const VolumeId id = record.id;
  state_[id].record = std::make_shared<const meta::VolumeRecord>(std::move(record));
  note(ChangeKind::kVolumeChanged, id, "");
}

void FakeUpkeep::drop_volume(VolumeId volume) {
  state_.erase(volume);
  note(ChangeKind::kVolumeDeleted, volume, "");
}

void FakeUpkeep::put(VolumeId volume, const std::string& key, uint64_t size_bytes, meta::TagSet tags,
                     std::string storage_class) {
  Object object;
  object.inode = InodeId(next_number_++);
  object.size_bytes = size_bytes;
  object.tags = std::move(tags);
  object.storage_class = std::move(storage_class);
  push(volume, key, std::move(object));
  note(ChangeKind::kObjectPut, volume, key);
}

void FakeUpkeep::remove(VolumeId volume, const std::string& key) {
  push(volume, key, Object());
  note(ChangeKind::kObjectRemoved, volume, key);
}

void FakeUpkeep::remove_version(VolumeId volume, const std::string& key, size_t index) {
  Versions& versions = state_[volume].keys[key];
  if (index < versions.size() && !locked(versions[index])) {
    erase(versions, index);
    note(ChangeKind::kObjectChanged, volume, key);
  }
  if (versions.empty()) state_[volume].keys.erase(key);
}

void FakeUpkeep::set_tags(VolumeId volume, const std::string& key, size_t index, meta::TagSet tags) {
  const auto found = state_[volume].keys.find(key);
  if (found == state_[volume].keys.end() || index >= found->second.size() || !found->second[index].inode) return;
  found->second[index].tags = std::move(tags);
  note(ChangeKind::kObjectChanged, volume, key);
}

void FakeUpkeep::read(VolumeId volume, const std::string& key) {
  const auto found = state_[volume].keys.find(key);
  // No journal entry, as in the plane: the entry that fires looks again.
  if (found != state_[volume].keys.end()) found->second.front().accessed = clock_.wall_now();
}

void FakeUpkeep::lock(VolumeId volume, const std::string& key, size_t index, rt::Nanos until) {
  const auto found = state_[volume].keys.find(key);
  if (found == state_[volume].keys.end() || index >= found->second.size() || !found->second[index].inode) return;
  locks_[found->second[index].inode.value] = until;
}

void FakeUpkeep::rename(VolumeId volume, const std::string& from, const std::string& to) {
  auto& keys = state_[volume].keys;
  const auto found = keys.find(from);
  if (found == keys.end() || keys.contains(to)) return;
  auto moved = keys.extract(found);
  moved.key() = to;
  for (Object& object : moved.mapped()) object.key = to;
  keys.insert(std::move(moved));
  note(ChangeKind::kRenamed, volume, from, to);
}

void FakeUpkeep::rename_prefix(VolumeId volume, const std::string& from, const std::string& to) {
  auto& keys = state_[volume].keys;
  std::vector<std::string> moving;
  for (const auto& [key, versions] : keys) {
    if (key.starts_with(to)) return;
    if (key.starts_with(from)) moving.push_back(key);
  }
  for (const std::string& key : moving) {
    auto moved = keys.extract(key);
    moved.key() = to + key.substr(from.size());
    for (Object& object : moved.mapped()) object.key = moved.key();
    keys.insert(std::move(moved));
  }
  note(ChangeKind::kRenamed, volume, from, to);
}

void FakeUpkeep::begin_upload(VolumeId volume, const std::string& key) {
  state_[volume].uploads.push_back({key, UploadId(next_number_++), clock_.wall_now()});
  note(ChangeKind::kUploadCreated, volume, key);
}

bool FakeUpkeep::expire_now(VolumeId volume, const std::string& key, InodeId inode) {
  const auto found = state_[volume].keys.find(key);
  if (found == state_[volume].keys.end()) return false;
  const Object& front = found->second.front();
  if (!front.current || front.inode != inode || !inode) return false;
  const Versioning keeps = state_[volume].record->versioning;
  if (locked(front) && (keeps == Versioning::kOff || (keeps == Versioning::kSuspended && front.version == 0))) {
    return false;
  }
  remove(volume, key);
  return true;
}

bool FakeUpkeep::expire_version_now(VolumeId volume, const std::string& key, uint64_t version) {
  const auto found = state_[volume].keys.find(key);
  if (found == state_[volume].keys.end()) return false;
  for (size_t i = 0; i < found->second.size(); ++i) {
    const Object& object = found->second[i];
    if (object.version != version) continue;
    if (locked(object) || (object.current && object.inode)) return false;
    remove_version(volume, key, i);
    return true;
  }
  return false;
}

bool FakeUpkeep::transition_now(VolumeId volume, const std::string& key, uint64_t version,
                                const std::string& storage_class) {
  const auto found = state_[volume].keys.find(key);
  if (found == state_[volume].keys.end()) return false;
  for (Object& object : found->second) {
    if (object.version != version || !object.inode) continue;
    object.storage_class = storage_class;
    note(ChangeKind::kObjectChanged, volume, key);
    return true;
  }
  return false;
}

std::vector<plane::VolumePtr> FakeUpkeep::volumes() {
  std::vector<plane::VolumePtr> all;
  for (const auto& [id, state] : state_) all.push_back(state.record);
  return all;
}

plane::VolumePtr FakeUpkeep::volume(VolumeId id) {
  const auto found = state_.find(id);
  return found == state_.end() ? nullptr : found->second.record;
}

Task<std::vector<std::pair<JournalSeq, meta::Change>>> FakeUpkeep::changes(JournalSeq after, size_t limit) {
  TP_CO_TRY_VOID(answer());
  if (after.value < first_kept_) co_return fail(Code::kOutOfRange, "cut off");
  std::vector<std::pair<JournalSeq, meta::Change>> found;
  for (size_t i = after.value; i < journal_.size() && found.size() < limit; ++i) {
    found.emplace_back(JournalSeq(i + 1), journal_[i]);
  }
  co_return found;
}

Task<plane::UpkeepPage> FakeUpkeep::walk(VolumeId volume, std::string after, size_t limit) {
  TP_CO_TRY_VOID(answer());
  plane::UpkeepPage page;
  if (!state_.contains(volume)) co_return fail(Code::kNotFound, "no such volume");
  const auto& keys = state_[volume].keys;
  for (auto key = keys.upper_bound(after); key != keys.end(); ++key) {
    if (page.objects.size() >= limit) co_return page;
    ++looks;
    page.objects.insert(page.objects.end(), key->second.begin(), key->second.end());
    page.next = key->first;
  }
  page.next.clear();
  co_return page;
}

Task<FakeUpkeep::Versions> FakeUpkeep::versions(VolumeId volume, std::string key) {
  TP_CO_TRY_VOID(answer());
  ++looks;
  if (!state_.contains(volume)) co_return fail(Code::kNotFound, "no such volume");
  const auto found = state_[volume].keys.find(key);
  co_return found == state_[volume].keys.end() ? Versions() : found->second;
}

Task<std::vector<plane::UpkeepUpload>> FakeUpkeep::uploads(VolumeId volume) {
  TP_CO_TRY_VOID(answer());
  co_return state_[volume].uploads;
}

Task<bool> FakeUpkeep::expire(VolumeId volume, std::string key, InodeId inode) {
  TP_CO_TRY_VOID(answer());
  co_return expire_now(volume, key, inode);
}

Task<bool> FakeUpkeep::expire_version(VolumeId volume, std::string key, uint64_t version) {
  TP_CO_TRY_VOID(answer());
  co_return expire_version_now(volume, key, version);
}

Task<bool> FakeUpkeep::abort_upload(VolumeId volume, std::string key, UploadId upload) {
  TP_CO_TRY_VOID(answer());
  co_return std::erase_if(state_[volume].uploads, [&](const auto& each) { return each.upload == upload; }) > 0;
}

Task<bool> FakeUpkeep::transition(VolumeId volume, std::string key, uint64_t version, InodeId,
                                  std::string storage_class) {
  TP_CO_TRY_VOID(answer());
  co_return transition_now(volume, key, version, storage_class);
}

Task<void> FakeUpkeep::edit(std::vector<Edit> changes) {
  TP_CO_TRY_VOID(answer());
  ++edits;
  for (Edit& change : changes) {
    if (change.value) {
      records_[change.key] = std::move(*change.value);
    } else {
      records_.erase(change.key);
    }
  }
  co_return ok;
}

Task<std::vector<std::pair<Bytes, Bytes>>> FakeUpkeep::records(Bytes begin, Bytes end, size_t limit) {
  TP_CO_TRY_VOID(answer());
  std::vector<std::pair<Bytes, Bytes>> found;
  for (auto at = records_.lower_bound(begin); at != records_.end() && at->first < end && found.size() < limit; ++at) {
    found.push_back(*at);
  }
  co_return found;
}

}  // namespace tp::test
