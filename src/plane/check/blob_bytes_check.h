// BlobBytesCheck: reads every blob and verifies its checksums, in the order in which blobs lie on disk, a few at a
// time. It works on the store as it is now: a blob that died or moved under the check is no finding. Belongs to one
// loop.
#pragma once

#include <vector>

#include "plane/check/finding_list.h"
#include "plane/core/core.h"

namespace tp::plane {

class BlobBytesCheck {
 public:
  BlobBytesCheck(Core& core, FindingList& findings) : core_(core), findings_(findings) {}

  /// Verifies the next blobs; false when there are none left.
  Task<bool> step();

 private:
  Result<std::vector<blob::BlobRecord>> next_blobs(meta::ReadView& view);
  Task<void> verify(blob::BlobRecord blob);
  /// Says where the blob is used, unless it is gone or lies elsewhere by now.
  Result<void> report(meta::ReadView& view, const blob::BlobRecord& blob, const Error& error);

  Core& core_;
  FindingList& findings_;
  Bytes next_place_;  // where the next step begins; empty at first
  bool done_ = false;
};

}  // namespace tp::plane
