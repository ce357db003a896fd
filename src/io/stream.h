// Stream: a byte stream to a peer (TCP, TLS, in memory). Belongs to one loop. One reader and one writer at a time.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "base/bytes.h"
#include "io/send_region.h"
#include "rt/env/clock.h"
#include "rt/task.h"

namespace tp::io {

class Stream {
 public:
  virtual ~Stream() = default;

  /// Reads 1..buffer.size() bytes; 0 is the peer's end of stream. kTimeout, kClosed, kIo.
  virtual Task<size_t> read_some(MutableBytes buffer) = 0;

  /// Bytes that can be had without waiting: as read_some, but 0 if none are there now. Never blocks; a fast path.
  virtual size_t try_read(MutableBytes buffer) = 0;

  /// Writes all pieces in order. The views stay valid until the task ends.
  virtual Task<void> write_all(std::span<const BytesView> pieces) = 0;

  /// Writes `head` and then the region's bytes, without copying them where they are lendable and
  /// the transport can take pages.
  virtual Task<void> write_region(BytesView head, const SendRegion& region) = 0;

  /// Every read and write from now on that makes no progress for this long fails with kTimeout. 0: no limit.
  virtual void set_idle_timeout(rt::Nanos timeout) = 0;

  /// No more writes; the peer sees the end.
  virtual void shutdown_write() = 0;

  /// Makes pending and later operations fail with kClosed. Any time on the home loop.
  virtual void close() = 0;

  virtual std::string peer_address() const = 0;
  virtual bool encrypted() const { return false; }
};

}  // namespace tp::io
