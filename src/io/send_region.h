// SendRegion: bytes that lie both in memory and in a file (a memory-backed cache file), so that a plain socket can take
// them by sendfile and TLS can take them from memory. `owner` keeps them from being reused while they are being sent.
#pragma once

#include <cstdint>
#include <memory>

#include "base/bytes.h"

namespace tp::io {

struct SendRegion {
  BytesView bytes;      // the same bytes in memory
  int descriptor = -1;  // -1: memory only
  uint64_t file_offset = 0;
  std::shared_ptr<const void> owner;
};

}  // namespace tp::io
