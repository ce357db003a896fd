// Random lifecycle rules that S3 would take, about keys that begin with "a/", "b/" or nothing.
#pragma once

#include <random>

#include "lifecycle/rules.h"

namespace tp::test {

using Random = std::mt19937_64;

/// One in `n`.
bool chance(Random& random, uint64_t n);
uint64_t below(Random& random, uint64_t n);
/// Of at most four rules; validate() finds nothing wrong with them.
lifecycle::LifecycleRules random_rules(Random& random, rt::Nanos now);

}  // namespace tp::test
