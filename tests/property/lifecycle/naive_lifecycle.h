// The plain model of lifecycle: at some time, looks at every version of every key with every rule, in whole days, and
// does what S3's documentation says. It shares nothing with src/lifecycle but the form of the rules.
#pragma once

#include "lifecycle/rules.h"
#include "support/lifecycle/fake_upkeep.h"

namespace tp::test {

/// Until nothing more is due at `now`.
void scan_naively(FakeUpkeep& store, VolumeId volume, const lifecycle::LifecycleRules& rules, rt::Nanos now);

}  // namespace tp::test
