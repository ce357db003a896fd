// SendRegion: verified bytes in memory on their way to a peer. `owner` keeps them from being reused while they are
// being sent; where they are lendable, a plain socket may take their pages without a copy.
#pragma once

#include <memory>

#include "base/bytes.h"

namespace tp::io {

struct SendRegion {
  BytesView bytes;
  /// A socket may hold on to the pages after the owner is gone: they are detached before their memory is written again.
  bool lendable = false;
  std::shared_ptr<const void> owner;
};

}  // namespace tp::io
