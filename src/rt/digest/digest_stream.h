// DigestStream: the running MD5 of one object, hashed by a DigestService beside the other objects in flight.
// Invariant: at most one update is outstanding, and finish() only when none is. Owned by whoever reads the body.
#pragma once

#include "rt/digest/digest_service.h"

namespace tp::rt {

class DigestStream {
 public:
  explicit DigestStream(DigestService& service) noexcept : service_(&service) {}

  /// Hashes on a service thread; `bytes` stay valid until the task ends. See DigestService::update.
  Task<void> update(BytesView bytes) { return service_->update(md5_, bytes); }
  /// Hashes on this thread: the better choice for small pieces.
  void update_here(BytesView bytes) noexcept { md5_.update(bytes); }
  /// The digest of all bytes since the start; the stream then starts anew.
  Md5Digest finish() noexcept { return md5_.finish(); }

 private:
  DigestService* service_;
  Md5 md5_;
};

}  // namespace tp::rt
