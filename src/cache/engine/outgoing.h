// What waits for flash: staged entries, records without a value, and a record on its way.
#pragma once

#include "cache/flash/flash_log.h"
#include "cache/policy/policy.h"
#include "cache/spaces/space_table.h"

namespace tp::cache {

/// An entry as it was when it was staged: another version has to be staged anew.
struct Staged {
  EntryId id = kNoEntry;
  uint64_t version = 0;
};

/// A record without a value that flash has to take.
struct Telling {
  RecordKind kind = RecordKind::kErase;
  SpaceKey space{};
  Bytes key;
  uint64_t sequence = 0;
  int64_t expires_ms = 0;
  bool pinned = false;
};

/// A record on its way: owns what its head shows.
struct Outgoing {
  RecordHead head;
  SpaceKey space{};
  Bytes key;
  Value value;

  void point() {
    head.space = as_view(space);
    head.key = key;
  }
};

}  // namespace tp::cache
