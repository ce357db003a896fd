// Runs scripts: opens a fresh plane, does the steps, restarts and crashes in between, and at the end checks that the
// plane holds what the model says and that `check` finds nothing. Shrinks a script that fails. Owner: a test.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "property/step.h"

namespace tp::test {

struct ScriptFailure {
  size_t step = 0;     // index in the script; its size if the final checks failed
  std::string what;
  std::vector<std::string> trace;  // the steps in words
};

/// What the plane stands on. A crash is a plain restart on a disk that is real.
enum class Backends : uint8_t { kMemory, kDisk };

/// Nothing if all is as it should be.
std::optional<ScriptFailure> run_script(const std::vector<Step>& script, Backends backends = Backends::kMemory);
/// Several clients at once on one volume, each with its own script under its own prefix.
std::optional<ScriptFailure> run_scripts_together(const std::vector<std::vector<Step>>& scripts);
/// A script with as few steps as we can find that still fails, and how it fails.
ScriptFailure shrink(std::vector<Step> script, ScriptFailure failure, Backends backends = Backends::kMemory);

/// TP_SEED and TP_STEPS, or a fresh seed and `steps`.
struct Settings {
  uint64_t seed;
  size_t steps;
};
Settings settings_from_environment(size_t steps);

}  // namespace tp::test
