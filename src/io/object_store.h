// ObjectStore: the seam to a bucket or container of some provider, as archive tiers use it. Small on purpose: whole
// objects in, ranges out. Names are ASCII without leading '/'.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "rt/task.h"

namespace tp::io {

struct StoredObject {
  std::string name;
  uint64_t size_bytes = 0;
};

struct ObjectStoreStats {
  uint64_t requests = 0;  // attempts
  uint64_t retries = 0, timeouts = 0;
  uint64_t bytes_sent = 0, bytes_received = 0;
};

/// Safe from any loop.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;
  virtual Task<void> stop() = 0;

  /// Whole or not at all, over what is there; durable when it succeeds. kUnavailable, kBusy, kTimeout (after retries;
  /// it may have happened or happen yet), kPermissionDenied, kNoSpace.
  virtual Task<void> put(std::string name, std::shared_ptr<const Bytes> data) = 0;
  /// [offset, offset + size_bytes) of the object: exactly that many bytes. kNotFound, kOutOfRange,
  /// kIo (the service answers something else), and kUnavailable, kTimeout sooner than put: somebody waits.
  virtual Task<Bytes> get(std::string name, uint64_t offset, uint64_t size_bytes) = 0;
  /// Succeeds if it is not there.
  virtual Task<void> remove(std::string name) = 0;
  /// kNotFound.
  virtual Task<StoredObject> head(std::string name) = 0;
  /// All with this prefix, in order, at most `limit` after the name `after`.
  virtual Task<std::vector<StoredObject>> list(std::string prefix, std::string after, size_t limit) = 0;
  virtual ObjectStoreStats stats() const { return {}; }
  /// "s3://bucket/prefix at host", for messages.
  virtual std::string description() const = 0;
};

}  // namespace tp::io
