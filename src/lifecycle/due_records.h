// The engine's own records, which Upkeep::edit() keeps for it (kv::Space::kDue): what is due when, which walks are
// under way, which rules have been looked at, how far the journal has been followed. Layout: docs/lifecycle.md.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "rt/env/clock.h"

namespace tp::lifecycle {

/// At this time the key, or the volume's uploads, want to be looked at.
struct DueEntry {
  rt::Nanos at = 0;
  VolumeId volume;
  bool uploads = false;  // the volume's uploads in progress: no key
  std::string key;
  friend bool operator==(const DueEntry&, const DueEntry&) = default;
};
Bytes due_key(const DueEntry& entry);
/// [begin, end) of all entries; of those until `at`, inclusive.
Bytes due_begin();
Bytes due_end();
Bytes due_end(rt::Nanos at);
Result<DueEntry> parse_due_key(BytesView key);

/// All keys of a volume that begin with `prefix` are being looked at; the value is the last one done.
struct Walk {
  VolumeId volume;
  std::string prefix;
  friend bool operator==(const Walk&, const Walk&) = default;
};
Bytes walk_key(const Walk& walk);
Bytes walks_begin();
Bytes walks_end();
Result<Walk> parse_walk_key(BytesView key);

/// The stamp of the rules, and of whether versions are kept, that the volume's keys have been, or are being, looked at
/// with.
Bytes stamp_key(VolumeId volume);
Bytes stamps_begin();
Bytes stamps_end();
Result<VolumeId> parse_stamp_key(BytesView key);
Bytes stamp_of(BytesView rules);

/// The journal has been followed up to this.
Bytes cursor_key();
Bytes encode_cursor(JournalSeq cursor);
Result<JournalSeq> decode_cursor(BytesView value);

}  // namespace tp::lifecycle
