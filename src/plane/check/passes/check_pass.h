// CheckPass: one kind of verification over one view of the store, done in steps, so that a long check gives the
// blocking pool back now and then and can tell how far it is. Invariant: memory is bounded, however large the store.
// Owner: check().
#pragma once

#include "meta/record_source.h"
#include "plane/check/finding_list.h"

namespace tp::plane {

class CheckPass {
 public:
  virtual ~CheckPass() = default;
  /// Looks at the next records; false when it is done. Blocking. Fails only where the store cannot be read at all:
  /// what is wrong with a record is a finding.
  virtual Result<bool> step() = 0;
};

/// Records one step looks at, roughly.
inline constexpr size_t kRecordsPerStep = 20'000;
/// Records looked up together.
inline constexpr size_t kLookupBatch = 512;

}  // namespace tp::plane
