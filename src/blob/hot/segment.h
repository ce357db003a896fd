// Segment: one segment file and what is known of it: how much of it is appended, live and in use, whether it is sealed,
// its file handle, and the group commit that shares one fdatasync among all that ask while it runs. Invariant: `tail`
// and `allocated_end` belong to the loop that appends; the rest may be used from any loop. Owner: SegmentStore. Format:
// docs/formats/segment.md.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "blob/blob_store.h"
#include "rt/completion.h"

namespace tp::blob {

/// What the disk said, as the store says it: a code such as kNotFound, which to our callers would be about their blob,
/// becomes kIo. `what` goes before the message.
Error disk_error(Error error, const std::string& what);

class Segment {
 public:
  Segment(SegmentId id_in, std::string path_in, bool from_earlier_start_in)
      : id(id_in), path(std::move(path_in)), from_earlier_start(from_earlier_start_in) {}

  const SegmentId id;
  const std::string path;
  const bool from_earlier_start;

  std::atomic<uint64_t> size_bytes{0};  // appended so far, the header included
  std::atomic<uint64_t> disk_bytes{0};  // space taken on disk, as far as known
  std::atomic<uint64_t> writers{0};     // blobs being written
  std::atomic<bool> sealed{false};
  std::atomic<bool> counted{false};   // live_bytes is true: made in this start, or reclaimed
  std::atomic<int64_t> last_used{0};  // turn time of the last use of the handle

  // The appending loop's own.
  uint64_t tail = 0;
  uint64_t allocated_end = 0;

  uint64_t live_bytes() const { return live_bytes_.load(); }
  void add_live(uint64_t bytes) { live_bytes_.fetch_add(bytes); }
  void set_live(uint64_t bytes) { live_bytes_.store(bytes); }
  /// Never below zero: records from outside may claim more than there is.
  void sub_live(uint64_t bytes);
  void sub_disk(uint64_t bytes);
  bool dead() const { return sealed.load() && counted.load() && live_bytes() == 0 && writers.load() == 0; }

  /// The open handle, or null.
  std::shared_ptr<io::File> handle();
  /// Installs a handle unless another loop was faster; returns the one that counts and whether it is `file`.
  std::pair<std::shared_ptr<io::File>, bool> install(std::shared_ptr<io::File> file);
  bool drop_handle();

  /// One fdatasync that covers all that was written before the call. `syncs` counts the real ones.
  static Task<void> sync(std::shared_ptr<Segment> self, std::shared_ptr<io::File> file, std::atomic<uint64_t>* syncs);

 private:
  std::atomic<uint64_t> live_bytes_{0};
  std::mutex mutex_;  // of what is below
  std::shared_ptr<io::File> file_;
  bool sync_running_ = false;
  std::vector<rt::Completion<bool>*> sync_waiters_;  // true: you run the next one; false: yours is done
};

}  // namespace tp::blob
