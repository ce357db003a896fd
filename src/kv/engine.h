// KvEngine: the seam to the transactional key-value engine (RocksDB in production, a map in tests). Keys and values are
// byte strings; keys order bytewise. All calls may block except reads with ReadMode::kCachedOnly.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace tp::kv {

/// Separate key spaces, each tuned for what it holds. The numbers are part of the on-disk format: never reused.
enum class Space : uint8_t {
  kMeta = 0,     // volumes, users, counters, format
  kNames = 1,    // parent inode, name -> inode
  kInodes = 2,   // inode -> attributes
  kData = 3,     // inode -> small data (blob files)
  kExtents = 4,  // inode, offset -> blob, offset, length
  kBlobs = 5,    // blob -> location; location -> blob
  kUploads = 6,  // multipart uploads and parts
  kJournal = 7,  // sequence -> change
  kHistory = 8,  // what snapshots keep of records that have changed since
  kVersions = 9, // volume, key, newest first -> earlier version or delete marker
  kOverlay = 10, // of clones: what differs from the snapshot they began as
  kDue = 11,     // what lifecycle has to do, by time
};
inline constexpr int kSpaceCount = 12;

enum class ReadMode : uint8_t { kAny, kCachedOnly /* kWouldBlock instead of touching the disk */ };
enum class Durability : uint8_t { kSync, kNoSync };

struct Write {
  Space space = Space::kMeta;
  Bytes key;
  std::optional<Bytes> value;  // nullopt erases
};

/// A consistent point in time; reads and iterators take it. Must not outlive the engine.
class Snapshot {
 public:
  virtual ~Snapshot() = default;
};

/// Starts unpositioned. A read error makes valid() false and shows in status().
class Iterator {
 public:
  virtual ~Iterator() = default;
  virtual void seek(BytesView target) = 0;  // first key >= target
  virtual void seek_for_prev(BytesView target) = 0;  // last key <= target
  virtual void next() = 0;
  virtual void prev() = 0;
  virtual bool valid() const = 0;
  virtual BytesView key() const = 0;    // valid until the next move
  virtual BytesView value() const = 0;
  virtual Result<void> status() const = 0;
};

struct IterateOptions {
  const Snapshot* snapshot = nullptr;
  Bytes lower_bound;  // inclusive; empty: none
  Bytes upper_bound;  // exclusive; empty: none
  bool fill_cache = true;
  ReadMode mode = ReadMode::kAny;
};

class KvEngine {
 public:
  virtual ~KvEngine() = default;

  /// nullopt if there is no such key. kIo, kCorruption; kWouldBlock only in kCachedOnly.
  virtual Result<std::optional<Bytes>> get(Space space, BytesView key, const Snapshot* snapshot = nullptr,
                                           ReadMode mode = ReadMode::kAny) = 0;
  /// One result a key, in order.
  virtual Result<std::vector<std::optional<Bytes>>> multi_get(Space space, std::span<const Bytes> keys,
                                                              const Snapshot* snapshot = nullptr) = 0;
  virtual std::unique_ptr<Iterator> iterate(Space space, IterateOptions options) = 0;
  virtual std::unique_ptr<Snapshot> snapshot() = 0;

  /// All of `writes` or none, in order; with kSync on stable storage when it succeeds. After an error the engine may
  /// refuse all later writes (kReadOnly) until it is reopened. kNoSpace, kIo, kReadOnly.
  virtual Result<void> write(std::span<const Write> writes, Durability durability) = 0;
  /// Erases [begin, end).
  virtual Result<void> erase_range(Space space, BytesView begin, BytesView end) = 0;

  /// Reads everything back and checks the engine's own checksums.
  virtual Result<void> verify() = 0;
  /// Name -> number, for metrics ("block_cache_bytes", "memtable_bytes", "disk_bytes", "keys_estimate").
  virtual std::vector<std::pair<std::string, uint64_t>> statistics() = 0;
};

}  // namespace tp::kv
