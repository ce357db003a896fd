// RewriteList: files whose blobs are mostly dead, and which the janitor is to rewrite. Each has a record too
// (docs/formats/records.md §rewrite), so what is kept here is bounded and may be forgotten. Safe from any thread.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <set>

#include "plane/file_types.h"

namespace tp::plane {

class RewriteList {
 public:
  /// Blobs may be this many times the file's bytes, and so much more, before it is rewritten.
  static constexpr uint64_t kFactor = 2;
  static constexpr uint64_t kSlackBytes = 32 << 20;

  /// Whether the file is to be rewritten.
  bool wants(const meta::InodeRecord& record) const;
  /// From after_commit(), where wants() was true and the record is written.
  void add(FileId file);
  /// One that nobody has taken; done() gives it back. One that failed waits for retry().
  std::optional<FileId> take();
  void done(FileId file, bool failed);
  void retry();

  /// A test's own.
  std::atomic<uint64_t> slack_bytes{kSlackBytes};

 private:
  static constexpr size_t kMaxFiles = 65536;
  std::mutex mutex_;
  std::set<FileId> waiting_, taken_, failed_;
};

}  // namespace tp::plane
