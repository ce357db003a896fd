#include "meta/commit/committer.h"

#include <algorithm>

#include "meta/keys.h"

namespace tp::meta {

namespace {
// Trimming erases a range, which costs the engine something each time: do it by the thousand.
constexpr uint64_t kMinTrim = 4096;
}  // namespace

Committer::Committer(const MetaStore::Options& options, uint64_t start_number, JournalSeq first, JournalSeq last)
    : options_(options),
      engine_(*options.engine),
      clock_(options.runtime->clock()),
      group_(*options.engine, start_number),
      first_(first),
      last_(last) {
  const rt::BatchWorker::Limits limits{options_.queue_limit, std::max<size_t>(options_.group_limit, 1)};
  worker_ = std::make_unique<rt::BatchWorker>("shard", limits, [this](rt::BatchWorker::Item* batch) { handle(batch); });
}

MetaStats Committer::stats() const {
  MetaStats stats;
  stats.groups = groups_.load(std::memory_order_relaxed);
  stats.transactions = transactions_.load(std::memory_order_relaxed);
  stats.failed_transactions = failed_.load(std::memory_order_relaxed);
  stats.last_group_size = last_group_.load(std::memory_order_relaxed);
  stats.largest_group = largest_group_.load(std::memory_order_relaxed);
  stats.queue_length = worker_->queued();
  return stats;
}

void Committer::handle(rt::BatchWorker::Item* batch) {
  while (batch != nullptr) {
    const rt::Nanos started = clock_.now();
    while (batch != nullptr && group_.size_bytes() < options_.group_bytes_limit) {
      auto* request = static_cast<Request*>(batch);
      batch = batch->next;
      execute(request);
    }
    close_group(started);
  }
  trim_journal();
}

void Committer::execute(Request* request) {
  Executed& executed = executed_.emplace_back(Executed{request, std::nullopt});
  if (read_only()) {
    executed.error = read_only_error_;
    return;
  }
  Txn txn(group_, wall_now());
  group_.begin();
  bool succeeded = false;
  try {
    succeeded = request->execute(txn);
  } catch (...) {
    executed.error = rt::error_of_current_exception();
  }
  if (!succeeded) {
    group_.rollback();
    failed_.fetch_add(1, std::memory_order_relaxed);
  }
}

Result<void> Committer::write_group() {
  if (group_.empty()) return ok;
  const JournalSeq before = last_;
  const std::vector<kv::Write> writes = group_.take_writes(&last_);
  auto written = engine_.write(writes, kv::Durability::kSync);
  if (written) return ok;
  Error error = std::move(written).error();
  if (error.code == Code::kNoSpace && error.applied == Applied::kNo) {
    // The engine looked before it wrote: nothing has changed, and it can go on once there is room.
    last_ = before;
  } else {
    error.applied = Applied::kMaybe;
    become_read_only(error);
  }
  return std::unexpected(std::move(error).with_context("writing metadata"));
}

void Committer::close_group(rt::Nanos started) {
  auto written = write_group();
  if (written) {
    group_.run_actions();
    groups_.fetch_add(1, std::memory_order_relaxed);
    transactions_.fetch_add(executed_.size(), std::memory_order_relaxed);
    last_group_.store(executed_.size(), std::memory_order_relaxed);
    if (executed_.size() > largest_group_.load(std::memory_order_relaxed)) {
      largest_group_.store(executed_.size(), std::memory_order_relaxed);
    }
    if (options_.on_group) options_.on_group(executed_.size(), clock_.now() - started);
  }
  group_.clear();
  for (Executed& executed : executed_) {
    // A body that failed may have failed for what an earlier one wrote: its answer shares the group's fate.
    const Error* error = executed.error ? &*executed.error : written ? nullptr : &written.error();
    // The request is gone once it has been answered, and the function with it.
    auto finish = std::move(executed.request->finish);
    finish(error);
  }
  executed_.clear();
}

void Committer::trim_journal() {
  const uint64_t keep = std::max<uint64_t>(options_.journal_keep, 1);
  const uint64_t slack = std::max(kMinTrim, keep / 16);
  if (read_only() || last_.value < first_.value + keep + slack) return;
  const JournalSeq first_kept(last_.value - keep + 1);
  const auto erased = engine_.erase_range(kv::Space::kJournal, journal_key(JournalSeq(0)), journal_key(first_kept));
  if (erased) {
    first_ = first_kept;
  } else if (erased.error().code != Code::kNoSpace || erased.error().applied != Applied::kNo) {
    become_read_only(erased.error());
  }
}

void Committer::become_read_only(const Error& cause) {
  read_only_error_ =
      Error(Code::kReadOnly,
            "the metadata takes no changes until the next start, because a write failed: " + cause.to_string());
  read_only_.store(true, std::memory_order_release);
}

rt::Nanos Committer::wall_now() {
  last_wall_ = std::max(last_wall_, clock_.wall_now());
  return last_wall_;
}

}  // namespace tp::meta
