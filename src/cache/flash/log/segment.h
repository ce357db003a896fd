// Segment: one segment file as the log knows it. Shared by the log and by the reads under way, so that the file stays
// open until the last reader of a dropped segment is done.
// Invariant: `number`, `file` and `file_bytes` never change once it is shared; what stands under "shared" is guarded by
// the log's mutex; the rest is the home loop's.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "cache/flash/flash_log.h"
#include "cache/flash/segment_format.h"
#include "rt/completion.h"

namespace tp::cache {

/// A record that is not stable yet.
struct PendingRecord {
  RecordHead head;  // its views are empty: `names` has the space, then the key
  Bytes names;
  Value value;  // until it is written
  uint32_t unit = 0;
  uint64_t end = 0;  // in the file
};

struct Segment {
  uint32_t number = 0;
  std::unique_ptr<io::File> file;
  uint64_t file_bytes = 0;

  // Shared.
  std::deque<PendingRecord> pending;  // in order of place
  uint64_t disk_bytes = 0;
  bool sealed = false;
  uint64_t lowest_sequence = UINT64_MAX;
  uint64_t highest_sequence = 0;

  // The home loop's: what became of the bytes that were submitted, in order.
  struct Run {
    uint64_t end = 0;
    bool done = false;
  };
  std::deque<Run> runs;    // under way
  uint64_t submitted = 0;  // all before it has been given to the disk,
  uint64_t written = 0;    // the disk has taken it,
  uint64_t synced = 0;     // and it is stable
  size_t released = 0;     // leading pending records whose values have been let go
  bool syncing = false;
  bool name_stable = false;                // the directory has been synced since it was made
  std::optional<Error> failed;             // given up
  std::vector<rt::Completion<>*> waiters;  // for a change of any of these
  std::optional<SegmentFooter> footer;     // its table is on the disk
  uint64_t data_end = 0;                   // of a sealed segment: no records behind it
};

using SegmentPtr = std::shared_ptr<Segment>;

}  // namespace tp::cache
