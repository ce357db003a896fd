// VolumePass: reads volumes, users and the journal: every record parses, no volume stands twice. Tells the finding
// list the volumes, so it runs first.
#pragma once

#include <memory>

#include "plane/check/passes/check_pass.h"

namespace tp::plane {

class VolumePass final : public CheckPass {
 public:
  VolumePass(meta::ReadView& view, FindingList& findings) : view_(view), findings_(findings) {}
  Result<bool> step() override;

 private:
  Result<void> check_volumes();
  Result<void> check_users();

  meta::ReadView& view_;
  FindingList& findings_;
  std::unique_ptr<kv::Iterator> journal_;  // null until volumes and users are done
};

}  // namespace tp::plane
