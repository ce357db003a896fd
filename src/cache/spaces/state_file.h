// StateFile: what a volume has to remember beside its segments: the names of its key spaces, and the ledger. Two files
// written in turn, each with a number and a checksum: the newer one that is whole counts. Format: docs/formats/
// cache_segment.md, "state".
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cache/ledger/ledger.h"
#include "io/file_system.h"

namespace tp::cache {

struct VolumeState {
  std::vector<std::pair<std::string, std::string>> spaces;  // identity's text, tenant
  LedgerPage ledger;
};

/// One JSON text; kCorruption for any bytes that are none of ours.
std::string state_text(const VolumeState& state);
Result<VolumeState> parse_state(const std::string& text);

class StateFile {
 public:
  StateFile(io::FileSystem* files, std::string directory) : files_(files), directory_(std::move(directory)) {}

  /// Empty where there is nothing whole.
  Task<VolumeState> load();
  /// Stable when it succeeds; unchanged state is not written again.
  Task<void> save(VolumeState state);

 private:
  struct Slot {
    uint64_t number = 0;
    std::string text;
  };
  std::string path(uint64_t number) const { return directory_ + "/state-" + std::to_string(number % 2); }
  Task<Slot> read(uint64_t slot);

  io::FileSystem* const files_;
  const std::string directory_;
  uint64_t number_ = 0;     // of what was saved last
  std::string saved_;
};

}  // namespace tp::cache
