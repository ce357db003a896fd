// open_local_tier: a Tier over one directory, or several that share the work without redundancy. Compressed frames in
// append-only segments; space is freed by hole punching. It is an ErasureTier with one data piece and no parity, so
// directories can be added and drained. Formats: docs/formats/erasure.md.
#pragma once

#include <memory>

#include "blob/erasure/erasure_tier.h"

namespace tp::blob {

/// As ErasureOptions says; data_pieces and parity_pieces do not count.
Task<std::unique_ptr<ErasureTier>> open_local_tier(ErasureOptions options);

}  // namespace tp::blob
