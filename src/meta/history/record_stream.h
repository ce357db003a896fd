// RecordStream: records of one kind (stored, of an overlay, of a history) by the records' own keys. What
// LayeredIterator merges.
#pragma once

#include "meta/history/history_records.h"
#include "meta/history/raw_source.h"

namespace tp::meta {

/// Bounds of records' own keys, as kv::IterateOptions has them.
struct KeyRange {
  Bytes lower, upper;
};

class RecordStream {
 public:
  virtual ~RecordStream() = default;
  virtual void seek(BytesView target) = 0;           // first key >= target
  virtual void seek_for_prev(BytesView target) = 0;  // last key <= target
  virtual void next() = 0;
  virtual void prev() = 0;
  virtual bool valid() const = 0;
  virtual BytesView key() const = 0;
  /// What it says of the record. Of the kinds of KeptKind those that it can say.
  virtual Result<KeptValue> value() const = 0;
  virtual Result<void> status() const = 0;
};

std::unique_ptr<RecordStream> stored_stream(RawSource& raw, kv::Space space, const KeyRange& range);
std::unique_ptr<RecordStream> overlay_stream(RawSource& raw, VolumeId volume, kv::Space space, const KeyRange& range);
/// One a record: the first at or after `at`.
std::unique_ptr<RecordStream> history_stream(RawSource& raw, VolumeId volume, kv::Space space, Epoch at,
                                             const KeyRange& range);

}  // namespace tp::meta
