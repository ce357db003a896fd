// What the fault tests share: a workload beside which each file call fails in turn.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "fault/workload.h"
#include "support/sanitized.h"

namespace tp::test {

constexpr uint64_t kMostFaults = 3000;  // more calls than the workload makes

#define EXPECT_FINE(expression)                                  \
  do {                                                           \
    const auto fine = (expression);                              \
    EXPECT_TRUE(fine) << (fine ? "" : fine.error().to_string()); \
  } while (0)

/// Fails the N-th call for N = 1, 2, ... until the workload gets through without meeting the fault. The fixture has
/// store(), work(), verify_live() and crash_and_verify(seed).
template <class Fixture>
void fail_each_file_call(memory::FaultPlan plan) {
  for (uint64_t nth = 1; nth < kMostFaults && !testing::Test::HasFailure(); nth += stride_if_sanitized(3)) {
    SCOPED_TRACE("call " + std::to_string(nth));
    Fixture fixture;
    MemoryPlane& store = fixture.store();
    plan.fail_at = nth;
    store.files().set_plan(plan);
    if (store.open()) {
      fixture.work().run();
      const bool happened = store.files().fault_happened();
      store.files().set_plan({});
      EXPECT_FINE(fixture.verify_live());
      if (!happened) {
        EXPECT_EQ(fixture.work().failed(), 0U);
        fixture.crash_and_verify(nth);
        return;
      }
    }
    fixture.crash_and_verify(nth);
  }
  FAIL() << "the workload never got through";
}

}  // namespace tp::test
