// SnapshotRecord: one snapshot of one volume. Key: volume, epoch. Encoding: docs/formats/records.md.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "meta/volume_record.h"
#include "rt/env/clock.h"

namespace tp::meta {

struct SnapshotRecord {
  VolumeId volume;
  Epoch at;
  std::string name;            // unique in the volume among those that are not being deleted
  rt::Nanos created = 0;       // wall
  uint64_t set = 0;            // of a snapshot of several volumes at one instant: the same number; 0: of this one alone
  std::string schedule;        // the rule that made it ("1h"), "" if a person did
  bool deleting = false;       // gone for everybody; its history is being freed
  uint32_t clones = 0;         // volumes that began as this snapshot: it stays while there are any
  VolumeCounters counters;     // of the volume at that time
};

Bytes encode_snapshot(const SnapshotRecord& record);
Result<SnapshotRecord> decode_snapshot(BytesView value);

Bytes snapshot_key(VolumeId volume, Epoch at);  // kMeta
Bytes snapshots_begin();                        // of all volumes
Bytes snapshots_end();

}  // namespace tp::meta
