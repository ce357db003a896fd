// ErasureTier: a Tier over the directories of several drives, each blob cut into k data and m parity pieces on k + m
// of them: any k give it back. With k = 1, m = 0 the same is a plain tier over one directory or several
// (local/local_tier.h). ErasureControl is what an operator does with the drives. Formats: docs/formats/erasure.md.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "blob/codec/frame.h"
#include "blob/tier.h"

namespace tp::blob {

struct ErasureOptions {
  rt::Runtime* runtime = nullptr;
  /// Names of directories, as the drives' table keeps them; k + m at least at the first start. One that is listed
  /// later and empty joins. Those the table knows are used whether listed or not.
  std::vector<std::string> directories;
  std::function<Result<std::unique_ptr<io::FileSystem>>(const std::string& directory)> open_directory;
  unsigned data_pieces = 4;    // k, of new segments; those there keep theirs
  unsigned parity_pieces = 2;  // m
  FrameOptions frames;
  /// False: the tier holds blobs, so directories that are all empty are drives that are not there (not mounted, say),
  /// and not a first start.
  bool may_be_new = true;
  uint8_t tier = 0;  // its number: a directory of another tier or store is refused
  uint64_t store_id = 0;
  uint64_t start_number = 1;                       // grows with every start; makes segment ids unique
  uint64_t segment_bytes = 1ull << 30;             // of data; a file has 1/k of it
  uint64_t min_free_bytes = 256ull << 20;          // of each drive: below, nothing new goes there
  std::function<void(const std::string&)> report;  // odd but lived with, in words; may be empty
};

enum class DriveState : uint8_t {
  kActive = 0,
  kDraining = 1,  // gets nothing new; what it has goes elsewhere
  kFailed = 2,    // refused a write: out until it is replaced or drained
  kRemoved = 3,   // drained or replaced: its directory is no longer used
};

struct DriveStatus {
  std::string directory;
  uint64_t id = 0;
  DriveState state = DriveState::kActive;
  bool present = false;  // there, and the drive that the table means
  uint64_t shards = 0;   // files of segments
  uint64_t read_errors = 0, write_errors = 0;
  uint64_t total_bytes = 0, free_bytes = 0;
};

struct ErasureStatus {
  unsigned data_pieces = 0, parity_pieces = 0;
  std::vector<DriveStatus> drives;
  uint64_t segments = 0;
  uint64_t degraded_segments = 0;  // some shard missing, all bytes there
  uint64_t lost_segments = 0;      // fewer than k shards there now
  uint64_t missing_shards = 0;     // also those on draining and failed drives that are there no more
  bool mending = false;
  uint64_t mend_done = 0, mend_total = 0;  // shards, of this run or the last
  uint64_t mended_bytes = 0;               // since the start
  std::string mend_error;                  // why the last run could not do all; empty if it could
};

/// What an operator does. Each returns when the change is durable on the drives; the work that follows it (making
/// shards again, moving them) goes on in the background, beside reads and writes, and again after a restart.
class ErasureControl {
 public:
  virtual ~ErasureControl() = default;
  virtual ErasureStatus status() = 0;
  /// An empty directory joins. kAlreadyExists, kNotEmpty: it has shards or is another tier's.
  virtual Task<void> add(std::string directory) = 0;
  /// A new, empty drive lies where the named one was: what that had is made again, on it and elsewhere. kNotFound.
  virtual Task<void> replace(std::string directory) = 0;
  /// What the drive has goes to others, read from it while it can be; then it is removed. kNotFound; kNoSpace: too few
  /// drives would be left for k + m.
  virtual Task<void> drain(std::string directory) = 0;
  /// Makes every missing shard again, as far as drives are there for it.
  virtual Task<void> mend() = 0;
  /// Resumes when the background work has come to its end; its result.
  virtual Task<void> wait_mended() = 0;
};

class ErasureTier : public Tier, public ErasureControl {};

/// kInvalidArgument: k, m or directories that cannot be; a directory of another tier; a segment of a later start.
/// kUnavailable: no drive is there. Fewer than k of a segment are lived with: its reads fail until they are.
Task<std::unique_ptr<ErasureTier>> open_erasure_tier(ErasureOptions options);

}  // namespace tp::blob
