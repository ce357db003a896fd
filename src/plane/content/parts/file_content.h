// FileContent: what is committed of one file, as it was read. FileState: what the process keeps of it. Invariant: what
// is kept is never older than the last change acknowledged (OpenFiles::outdate drops it, and what was read before that
// is not kept).
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "plane/content/parts/overlay.h"
#include "plane/core/core.h"
#include "rt/async_mutex.h"

namespace tp::plane {

/// How often what was read beside a change is read again.
inline constexpr int kAttempts = 8;

struct FileContent {
  meta::InodeRecord record;
  Bytes small_record;
  BytesView small;  // in small_record
};
using FileContentPtr = std::shared_ptr<const FileContent>;

/// Extents that follow one another.
struct ExtentRun {
  std::vector<LocatedExtent> extents;
  uint64_t begin() const { return extents.front().extent.offset; }
  uint64_t end() const { return extents.back().extent.offset + extents.back().extent.length_bytes; }
  /// The extent that holds `offset`, which the run covers.
  const LocatedExtent& at(uint64_t offset) const;
};
using ExtentRunPtr = std::shared_ptr<const ExtentRun>;

struct FileState {
  explicit FileState(FileId id) : file(id) {}
  const FileId file;
  rt::AsyncMutex committing;  // one commit at a time

  std::mutex mutex;           // of all below; not held across a suspension
  bool gone = false;
  bool committing_behind = false;
  Overlay overlay;
  rt::Nanos modified = 0, changed = 0;  // of the newest write, while the overlay is not empty
  uint64_t version = 0;
  bool read_again = false;    // since the metadata stopped at a write that may have been applied
  uint64_t relocations = 0;   // Core::relocations when the first of `runs` was read
  FileContentPtr content;
  std::map<uint64_t, ExtentRunPtr> runs;
  uint64_t known_size = 0, known_space = 0;  // committed, as last read
  uint64_t read_end = 0, ahead_end = 0;      // of a sequential reader
  rt::Nanos used = 0;         // monotonic: Core::pins was last told of a use
};
using FileStatePtr = std::shared_ptr<FileState>;

/// With the state's mutex held: what the overlay makes of the file's attributes.
std::optional<OpenFiles::Live> live_of(const FileState& state);

/// kIsDirectory, kNotFile.
Result<void> require_file(const meta::InodeRecord& record);
/// The record and small data. kStale; kIsDirectory, kNotFile.
Task<FileContentPtr> load_content(Core& core, FileStatePtr state);
/// The run that holds `offset`, which is within the file's extents; null if the file has changed since `content` was
/// read. The caller has had a ReadGuard since before it asked for the content.
Task<ExtentRunPtr> load_run(Core& core, FileStatePtr state, FileContentPtr content, uint64_t offset);

}  // namespace tp::plane
