// LayeredReader: the records of one snapshot or clone (Layer) out of those that are stored. Keys of tracked spaces
// only.
#pragma once

#include "meta/history/history_records.h"
#include "meta/history/raw_source.h"
#include "meta/layer.h"

namespace tp::meta {

class LayeredReader {
 public:
  /// Both outlive it.
  LayeredReader(RawSource& raw, const Layer& layer) : raw_(raw), layer_(layer) {}

  Result<std::optional<Bytes>> get(kv::Space space, BytesView key);
  /// In key order; not longer than the source. What it shows of inodes that are not of this volume says nothing.
  std::unique_ptr<kv::Iterator> iterate(kv::Space space, Bytes lower_bound, Bytes upper_bound);

 private:
  RawSource& raw_;
  const Layer& layer_;
  std::unique_ptr<kv::Iterator> history_;  // kept from one get() to the next
};

}  // namespace tp::meta
