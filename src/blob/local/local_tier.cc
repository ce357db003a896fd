#include "blob/local/local_tier.h"

namespace tp::blob {

Task<std::unique_ptr<ErasureTier>> open_local_tier(ErasureOptions options) {
  options.data_pieces = 1;
  options.parity_pieces = 0;
  return open_erasure_tier(std::move(options));
}

}  // namespace tp::blob
