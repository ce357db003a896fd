// Belady's bound with bypass: what is used again latest goes, or does not come. It sees the future. Internal.
#pragma once

#include "cache/sim/simulate.h"

namespace tp::cache::sim {

void run_belady(const LoadedTrace& trace, uint64_t capacity_blocks, SimulationResult* result);

}  // namespace tp::cache::sim
