// UploadPass: uploads in progress and their parts: every record parses, every part belongs to an upload and is
// covered by its extents, every upload to a volume, and the volumes' upload counters are right. Upload ids are held
// in memory, 8 bytes each, up to a limit; past it, parts without an upload are not looked for.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "plane/check/passes/check_pass.h"

namespace tp::plane {

class UploadPass final : public CheckPass {
 public:
  UploadPass(meta::ReadView& view, FindingList& findings);
  Result<bool> step() override;

 private:
  struct Counted {
    std::string name;  // of the volume
    uint64_t uploads = 0, upload_bytes = 0;
  };

  Result<void> check_upload();
  Result<void> check_parts(UploadId upload, const std::string& where, Counted* counted);
  void check_part_record();
  void check_completed();
  Result<void> compare_counters();

  meta::ReadView& view_;
  FindingList& findings_;
  std::unique_ptr<kv::Iterator> records_;    // all of Space::kUploads
  std::unordered_map<VolumeId, Counted> counted_;
  std::vector<UploadId> uploads_;            // sorted once the uploads have been seen, which come after the parts
  bool second_round_ = false;                // parts are looked at once all uploads are known
};

}  // namespace tp::plane
