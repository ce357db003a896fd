// MemoryStream: two connected io::Streams in memory, for tests: a bounded buffer each way, and ways to be as awkward as
// a real peer (a few bytes at a time, a peer that stops reading, a connection that breaks in the middle). Invariant:
// both ends are used and destroyed on one loop. Owner: a test. Contract: io/stream.h.
#pragma once

#include <memory>
#include <utility>

#include "io/stream.h"

namespace tp::memory {

struct MemoryStreamOptions {
  size_t buffer_bytes = 256 << 10;  // of each direction: a writer waits when it is full
  size_t max_read_bytes = 0;        // a read gets at most this many; 0: no limit
  size_t max_write_bytes = 0;       // a write passes on at most this many before it lets the reader run; 0: no limit
  uint64_t break_after_bytes = 0;   // after this many written by either end both fail with kClosed; 0: never
};

/// The two ends, on the current loop.
std::pair<std::unique_ptr<io::Stream>, std::unique_ptr<io::Stream>> make_stream_pair(MemoryStreamOptions options = {});

}  // namespace tp::memory
