// LifecycleEndpoint: the lifecycle service of a running server, and what it shows of itself: metrics, and the JSON of
// GET /v1/lifecycle. Names: docs/operations.md, docs/protocols/admin.md.
#pragma once

#include <memory>

#include "lifecycle/service.h"
#include "server/store.h"

namespace tp::server {

/// Seconds that the lifecycle's clock, and no other, runs ahead of the real one: for tests alone (docs/lifecycle.md).
inline constexpr const char* kLifecycleOffsetVariable = "TOKENPLANE_TEST_LIFECYCLE_OFFSET_SECONDS";

class LifecycleEndpoint {
 public:
  /// kInvalidArgument where the environment asks for an offset that is no number.
  static Result<std::unique_ptr<LifecycleEndpoint>> open(Store& store);
  /// Stops it. Not from a loop's thread.
  ~LifecycleEndpoint();

  Bytes metrics() const;
  Bytes json() const;

 private:
  explicit LifecycleEndpoint(Store& store) : store_(store) {}
  Store& store_;
  std::unique_ptr<lifecycle::LifecycleService> service_;
};

}  // namespace tp::server
