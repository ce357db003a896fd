// TreeStep: one random operation of either protocol. It draws what it works on from its own seed and the state.
#pragma once

#include <cstdint>
#include <vector>

#include "rt/env/rng.h"

namespace tp::test {

enum class TreeStepKind : uint8_t {
  kS3Put, kS3Get, kS3Remove, kS3Copy, kS3Rename, kS3RenamePrefix, kS3List, kS3Multipart,
  kCreate, kMakeDirectory, kMakeLink, kLink, kRename, kRemove, kRemoveDirectory, kReadDirectory, kSetMode,
  kOpen, kClose, kReadOpen, kWriteOpen,
  kWrite, kWriteStable, kCommit, kTruncate, kRead, kSeek, kAllocate, kDeallocate, kCopyRange, kCloneRange,
  kRestart, kCrash, kCheck,  // done by the runner
};

struct TreeStep {
  TreeStepKind kind;
  uint64_t seed;
};

inline std::vector<TreeStep> random_tree_script(uint64_t seed, size_t steps) {
  using enum TreeStepKind;
  struct Weight {
    TreeStepKind kind;
    uint64_t weight;
  };
  static constexpr Weight kWeights[] = {
      {kS3Put, 60},        {kS3Get, 25},    {kS3Remove, 30},   {kS3Copy, 25},       {kS3Rename, 25},
      {kS3RenamePrefix, 15}, {kS3List, 30}, {kS3Multipart, 8}, {kCreate, 50},       {kMakeDirectory, 30},
      {kMakeLink, 15},     {kLink, 25},     {kRename, 60},     {kRemove, 40},       {kRemoveDirectory, 20},
      {kReadDirectory, 25}, {kSetMode, 10}, {kOpen, 20},       {kClose, 15},        {kReadOpen, 20},
      {kWriteOpen, 20},    {kWrite, 90},    {kWriteStable, 40}, {kCommit, 30},      {kTruncate, 30},
      {kRead, 50},         {kSeek, 15},     {kAllocate, 10},   {kDeallocate, 20},   {kCopyRange, 20},
      {kCloneRange, 20},   {kRestart, 4},   {kCrash, 6},       {kCheck, 6}};
  uint64_t total = 0;
  for (const Weight& weight : kWeights) total += weight.weight;
  rt::Rng rng(seed);
  std::vector<TreeStep> script;
  while (script.size() < steps) {
    uint64_t at = rng.below(total);
    const Weight* chosen = kWeights;
    while (at >= chosen->weight) at -= (chosen++)->weight;
    script.push_back({chosen->kind, rng.next()});
  }
  return script;
}

}  // namespace tp::test
