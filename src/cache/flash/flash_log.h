// FlashLog: the entries of one cache volume on flash: segment files written once, front to back, dropped whole.
// Every record carries its key, its space and a checksum, verified on every read. Sealed segments end in a table of
// their records, so that a start reads tables and not values. Format: docs/formats/cache_segment.md.
//
// append() gathers records in memory and writes them in large runs; a run is on the disk at the latest
// Options::flush_interval after its first record. Appends belong to the home loop; reads may be made from any loop.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cache/value.h"
#include "io/file_system.h"
#include "rt/env/clock.h"
#include "rt/task.h"

namespace tp::cache {

/// Where a record lies: segment numbers are never reused within a store's life, offsets count kFlashUnit bytes.
struct FlashPlace {
  uint32_t segment = 0;  // 0: nowhere
  uint32_t unit = 0;
  friend bool operator==(const FlashPlace&, const FlashPlace&) = default;
};
inline constexpr uint32_t kFlashUnit = 64;

enum class RecordKind : uint8_t {
  kEntry = 1,      // a value
  kErase = 2,      // the key has no value from here on
  kTouch = 3,      // the key's value stays, its expiry is `expires_ms`
  kClearSpace = 4  // the space has no entries from here on; no key
};

/// A record's head: all of it but the value. Views belong to whoever made it.
struct RecordHead {
  RecordKind kind = RecordKind::kEntry;
  uint8_t type = 0;  // ValueType
  bool pinned = false;
  uint64_t sequence = 0;   // of the volume: the highest of a key is the truth
  BytesView space;         // 16 bytes: SpaceKey
  BytesView key;           // 1..1024 bytes
  int64_t expires_ms = 0;  // wall clock; 0: never
  uint32_t tokens = 0;
  uint32_t first_token = 0;
  uint64_t parent_hash = 0;  // of the key before it in its chain; 0: none
  uint32_t value_bytes = 0;
};

/// All threads' view of a log. Bytes are of segment files, heads and padding included.
struct FlashStats {
  uint64_t segments = 0, bytes = 0;  // on disk now
  uint64_t written_bytes = 0, read_bytes = 0, reads = 0;
  uint64_t corrupt_records = 0;  // met by reads and by recovery
  uint64_t lost_records = 0;     // told to Options::lost
};

class FlashLog {
 public:
  struct Options {
    io::FileSystem* files = nullptr;
    rt::Clock* clock = nullptr;
    std::string directory;              // within `files`
    uint64_t capacity_bytes = 0;        // of segment files together
    uint32_t segment_bytes = 64 << 20;  // a larger record has a segment of its own
    rt::Nanos flush_interval = 500 * rt::kMillisecond;
    uint32_t run_bytes = 2 << 20;  // what is written at once; a multiple of 4096
    /// Called on the home loop, from within a task of the log, for every record (of any kind) which append() placed and
    /// a failed write or sync then took away: nothing is at `place`. The views hold during the call.
    std::function<void(const RecordHead& head, FlashPlace place)> lost;
  };
  /// Called by open() for every whole record, in any order: what holds is decided by sequence. False stops with
  /// kCancelled.
  using Recovered = std::function<bool(const RecordHead& head, FlashPlace place)>;

  /// Makes or opens the log; torn tails are cut, files that are named like segments and are none are removed, other
  /// names are left alone. Appends belong to the current loop from here on.
  static Task<std::unique_ptr<FlashLog>> open(Options options, Recovered recovered);
  virtual ~FlashLog() = default;

  /// Places a record; `head`'s views hold until the task ends. kNoSpace: reclaim a segment first (room() says so
  /// before), or the disk is full. kIo: the disk failed; the segment is given up. The record can be read at once; it
  /// survives a crash from flush_interval later on, or once flush() succeeds, unless Options::lost is told of it.
  /// Waits while too much is being written.
  virtual Task<FlashPlace> append(RecordHead head, Value value) = 0;
  /// Whether `bytes` more can be appended without reclaiming.
  virtual bool room(uint64_t bytes) const = 0;
  /// The value at `place`, checked against its checksum and against `space` and `key`. kCorruption: it is not that, and
  /// never an answer. kNotFound: the segment has been dropped. Any loop.
  virtual Task<Value> read(FlashPlace place, Bytes space, Bytes key, uint32_t value_bytes) = 0;
  /// The value if it has not been written yet; else empty. Any loop, at once.
  virtual Value read_now(FlashPlace place) const = 0;

  /// The heads of a sealed segment's records, for reclaiming; a damaged table is read from the records.
  virtual Task<void> for_each_record(uint32_t segment, std::function<void(const RecordHead&, FlashPlace)> fn) = 0;
  /// Removes a sealed segment, for good when it succeeds; nothing in the index points at it. Reads under way finish.
  virtual Task<void> drop(uint32_t segment) = 0;
  struct SegmentInfo {
    uint32_t number = 0;
    uint64_t bytes = 0;
    bool sealed = false;            // or given up: nothing is appended to it any more
    uint64_t lowest_sequence = 0;   // of its records of any kind; an erasure older than every other segment's
    uint64_t highest_sequence = 0;  // lowest sequence has nothing left to hide
  };
  virtual std::vector<SegmentInfo> segments() const = 0;

  /// Writes out what is gathered; stable when it succeeds.
  virtual Task<void> flush() = 0;
  /// Seals the open segment and stops, also when it fails. No reads under way. Before the log goes, always.
  virtual Task<void> close() = 0;
  virtual FlashStats stats() const = 0;  // any thread
};

}  // namespace tp::cache
