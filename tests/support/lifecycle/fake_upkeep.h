// FakeUpkeep: versions of keys, uploads, a journal and the engine's records in memory, as the plane keeps them by S3's
// rules. Clients' calls change it at the clock's time. It can be told to answer only so many calls more: then every one
// fails before it does anything, until revive().
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "plane/upkeep.h"

namespace tp::test {

class FakeUpkeep final : public plane::Upkeep {
 public:
  using Object = plane::UpkeepObject;
  using Versions = std::vector<Object>;  // newest first
  explicit FakeUpkeep(const rt::Clock& clock) : clock_(clock) {}

  // What clients do.
  void set_volume(meta::VolumeRecord record);
  void drop_volume(VolumeId volume);
  void put(VolumeId volume, const std::string& key, uint64_t size_bytes, meta::TagSet tags = {},
           std::string storage_class = "");
  void remove(VolumeId volume, const std::string& key);
  void remove_version(VolumeId volume, const std::string& key, size_t index);
  void set_tags(VolumeId volume, const std::string& key, size_t index, meta::TagSet tags);
  void read(VolumeId volume, const std::string& key);
  void lock(VolumeId volume, const std::string& key, size_t index, rt::Nanos until);
  void rename(VolumeId volume, const std::string& from, const std::string& to);
  void rename_prefix(VolumeId volume, const std::string& from, const std::string& to);
  void begin_upload(VolumeId volume, const std::string& key);
  /// All that is in the journal is forgotten.
  void cut_journal() { first_kept_ = journal_.size(); }

  // What a test looks at.
  const std::map<std::string, Versions>& keys(VolumeId volume) { return state_[volume].keys; }
  std::vector<plane::UpkeepUpload>& uploads_of(VolumeId volume) { return state_[volume].uploads; }
  const std::map<Bytes, Bytes>& records() const { return records_; }
  size_t journal_length() const { return journal_.size(); }
  size_t looks = 0;  // versions() and keys of walk(): what the engine's cost is counted in
  size_t edits = 0;

  // What the naive model does without a coroutine.
  bool expire_now(VolumeId volume, const std::string& key, InodeId inode);
  bool expire_version_now(VolumeId volume, const std::string& key, uint64_t version);
  bool transition_now(VolumeId volume, const std::string& key, uint64_t version, const std::string& storage_class);

  void answer_calls(size_t calls) { calls_left_ = calls; }
  void revive() { calls_left_.reset(); }
  bool dead() const { return calls_left_ && *calls_left_ == 0; }

  std::vector<plane::VolumePtr> volumes() override;
  plane::VolumePtr volume(VolumeId id) override;
  Task<std::vector<std::pair<JournalSeq, meta::Change>>> changes(JournalSeq after, size_t limit) override;
  JournalSeq newest() override { return JournalSeq(journal_.size()); }
  Task<plane::UpkeepPage> walk(VolumeId volume, std::string after, size_t limit) override;
  Task<Versions> versions(VolumeId volume, std::string key) override;
  Task<std::vector<plane::UpkeepUpload>> uploads(VolumeId volume) override;
  Task<bool> expire(VolumeId volume, std::string key, InodeId inode) override;
  Task<bool> expire_version(VolumeId volume, std::string key, uint64_t version) override;
  Task<bool> abort_upload(VolumeId volume, std::string key, UploadId upload) override;
  Task<bool> transition(VolumeId volume, std::string key, uint64_t version, InodeId inode,
                        std::string storage_class) override;
  Task<void> edit(std::vector<Edit> edits) override;
  Task<std::vector<std::pair<Bytes, Bytes>>> records(Bytes begin, Bytes end, size_t limit) override;

 private:
  struct State {
    plane::VolumePtr record;
    std::map<std::string, Versions> keys;
    std::vector<plane::UpkeepUpload> uploads;
  };
  Result<void> answer();
  void note(meta::ChangeKind kind, VolumeId volume, const std::string& key, const std::string& new_key = "");
  /// The newest version of the key by S3's rules; what was there goes or stays.
  void push(VolumeId volume, const std::string& key, Object object);
  void erase(Versions& versions, size_t index);
  static void renumber(Versions& versions);
  bool locked(const Object& object) const;

  const rt::Clock& clock_;
  std::map<VolumeId, State> state_;
  std::vector<meta::Change> journal_;
  size_t first_kept_ = 0;
  std::map<Bytes, Bytes> records_;
  std::map<uint64_t, rt::Nanos> locks_;  // by inode
  uint64_t next_number_ = 1;
  std::optional<size_t> calls_left_;
};

}  // namespace tp::test
