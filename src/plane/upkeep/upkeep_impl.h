// UpkeepImpl: Upkeep over one shard.
#pragma once

#include "plane/core/core.h"
#include "plane/upkeep.h"

namespace tp::plane {

class UpkeepImpl final : public Upkeep {
 public:
  explicit UpkeepImpl(Core& core) : core_(core) {}

  std::vector<VolumePtr> volumes() override;
  VolumePtr volume(VolumeId id) override;
  Task<std::vector<std::pair<JournalSeq, meta::Change>>> changes(JournalSeq after, size_t limit) override;
  JournalSeq newest() override;
  Task<UpkeepPage> walk(VolumeId volume, std::string after, size_t limit) override;
  Task<std::vector<UpkeepObject>> versions(VolumeId volume, std::string key) override;
  Task<std::vector<UpkeepUpload>> uploads(VolumeId volume) override;
  Task<bool> expire(VolumeId volume, std::string key, InodeId inode) override;
  Task<bool> expire_version(VolumeId volume, std::string key, uint64_t version) override;
  Task<bool> abort_upload(VolumeId volume, std::string key, UploadId upload) override;
  Task<bool> transition(VolumeId volume, std::string key, uint64_t version, InodeId inode,
                        std::string storage_class) override;
  Task<void> edit(std::vector<Edit> edits) override;
  Task<std::vector<std::pair<Bytes, Bytes>>> records(Bytes begin, Bytes end, size_t limit) override;

 private:
  Core& core_;
};

}  // namespace tp::plane
