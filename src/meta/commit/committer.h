// Committer: runs transactions one after another on the shard's own thread and makes them durable in groups: all that
// wait while one group is synced form the next. Invariant: nobody is answered before everything that the answer may
// have seen is durable; after a write that may be half done nothing is executed any more. Owner: MetaStore.
#pragma once

#include <atomic>
#include <memory>

#include "meta/commit/group.h"
#include "meta/meta_store.h"
#include "rt/threads/batch_worker.h"

namespace tp::meta {

class Committer {
 public:
  /// `first` and `last`: the journal's oldest and newest sequence; 0 if it is empty.
  Committer(const MetaStore::Options& options, uint64_t start_number, JournalSeq first, JournalSeq last);

  /// Any thread; false if too many wait.
  bool submit(MetaStore::Request* request) { return worker_->submit(request); }
  bool read_only() const { return read_only_.load(std::memory_order_acquire); }
  /// Without the engine's part.
  MetaStats stats() const;

 private:
  using Request = MetaStore::Request;
  struct Executed {
    Request* request = nullptr;
    std::optional<Error> error;  // an exception left the body
  };

  void handle(rt::BatchWorker::Item* batch);
  void execute(Request* request);
  Result<void> write_group();
  void close_group(rt::Nanos started);
  void trim_journal();
  void become_read_only(const Error& cause);
  rt::Nanos wall_now();

  const MetaStore::Options options_;
  kv::KvEngine& engine_;
  rt::Clock& clock_;
  // The shard's thread only.
  Group group_;
  std::vector<Executed> executed_;
  JournalSeq first_, last_;
  rt::Nanos last_wall_ = 0;
  Error read_only_error_;

  std::atomic<bool> read_only_{false};
  std::atomic<uint64_t> groups_{0}, transactions_{0}, failed_{0}, last_group_{0}, largest_group_{0};
  std::unique_ptr<rt::BatchWorker> worker_;  // last: its thread uses all of the above
};

}  // namespace tp::meta
