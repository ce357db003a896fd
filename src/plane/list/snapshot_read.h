// Reads outside transactions whose parts must agree with each other: one engine snapshot, on the blocking pool.
#pragma once

#include "plane/core/core.h"

namespace tp::plane {

/// Runs `body(meta::ReadView&) -> Result<R>` on the blocking pool against one snapshot.
template <class Body>
auto read_snapshot(Core& core, Body body) -> Task<typename std::invoke_result_t<Body&, meta::ReadView&>::value_type> {
  auto call = [&] {
    const auto snapshot = core.meta.engine().snapshot();
    meta::ReadView view(core.meta.engine(), kv::ReadMode::kAny, snapshot.get());
    return body(view);
  };
  co_return co_await core.runtime.pool().run(std::move(call));
}

/// The same on the records of this volume, snapshot or clone.
template <class Body>
auto read_snapshot(Core& core, VolumeEntryPtr volume, Body body)
    -> Task<typename std::invoke_result_t<Body&, meta::ReadView&>::value_type> {
  auto call = [&] {
    const auto snapshot = core.meta.engine().snapshot();
    meta::ReadView view(core.meta.engine(), kv::ReadMode::kAny, snapshot.get(), volume->layer);
    return body(view);
  };
  co_return co_await core.runtime.pool().run(std::move(call));
}

}  // namespace tp::plane
