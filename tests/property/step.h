// Step: one random operation. It draws what it works on from its own seed and a fixed set of keys, never from the
// state, so that a script stays meaningful when other steps are dropped from it.
#pragma once

#include <cstdint>
#include <vector>

#include "rt/env/rng.h"

namespace tp::test {

enum class StepKind : uint8_t {
  kPut, kPutConditional, kGet, kRemove, kRemoveMany, kRename, kRenamePrefix, kCopy, kAppend, kTag, kList, kListAll,
  kCreateUpload, kPutPart, kCopyPart, kListParts, kListUploads, kComplete, kRetryComplete, kAbort,
  kRestart, kCrash, kCheck,  // done by the runner
};

struct Step {
  StepKind kind;
  uint64_t seed;
};

inline std::vector<Step> random_script(uint64_t seed, size_t steps, bool with_restarts) {
  struct Weight {
    StepKind kind;
    uint64_t weight;
  };
  static constexpr Weight kWeights[] = {
      {StepKind::kPut, 120},         {StepKind::kPutConditional, 50}, {StepKind::kGet, 60},
      {StepKind::kRemove, 60},       {StepKind::kRemoveMany, 15},     {StepKind::kRename, 40},
      {StepKind::kRenamePrefix, 30}, {StepKind::kCopy, 40},           {StepKind::kAppend, 30},
      {StepKind::kTag, 10},          {StepKind::kList, 60},           {StepKind::kListAll, 15},
      {StepKind::kCreateUpload, 40}, {StepKind::kPutPart, 80},        {StepKind::kCopyPart, 30},
      {StepKind::kListParts, 10},    {StepKind::kListUploads, 10},    {StepKind::kComplete, 40},
      {StepKind::kRetryComplete, 8}, {StepKind::kAbort, 10},          {StepKind::kRestart, 3},
      {StepKind::kCrash, 4},         {StepKind::kCheck, 4}};
  uint64_t total = 0;
  for (const Weight& weight : kWeights) total += weight.weight;
  rt::Rng rng(seed);
  std::vector<Step> script;
  while (script.size() < steps) {
    uint64_t at = rng.below(total);
    const Weight* chosen = kWeights;
    while (at >= chosen->weight) at -= (chosen++)->weight;
    if (!with_restarts && chosen->kind >= StepKind::kRestart) continue;
    script.push_back({chosen->kind, rng.next()});
  }
  return script;
}

}  // namespace tp::test
