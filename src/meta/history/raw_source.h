// RawSource: records as they are stored, of all spaces, without layers: the engine at one point in time, or a group
// commit in the making over it.
#pragma once

#include <memory>
#include <optional>

#include "kv/engine.h"

namespace tp::meta {

class RawSource {
 public:
  virtual ~RawSource() = default;
  virtual Result<std::optional<Bytes>> get(kv::Space space, BytesView key) = 0;
  /// Bounds as kv::IterateOptions has them. Not longer than the source.
  virtual std::unique_ptr<kv::Iterator> iterate(kv::Space space, Bytes lower_bound, Bytes upper_bound) = 0;
};

}  // namespace tp::meta
