// MetaStore: one shard: a key-value engine, one journal, one committer. Transactions run one after another on the
// shard's own thread and are group-committed: all that wait while a sync runs share the next. Format:
// docs/formats/records.md.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "kv/engine.h"
#include "meta/record_source.h"
#include "meta/txn.h"
#include "rt/threads/batch_worker.h"
#include "rt/completion.h"
#include "rt/runtime.h"

namespace tp::meta {

/// On-disk format of the records; an older binary refuses a newer store in words.
inline constexpr uint32_t kFormatVersion = 3;

struct MetaStats {
  uint64_t groups = 0, transactions = 0, failed_transactions = 0, last_group_size = 0, largest_group = 0;
  uint64_t queue_length = 0;
  std::vector<std::pair<std::string, uint64_t>> engine;
};

class Committer;

class MetaStore {
 public:
  struct Options {
    kv::KvEngine* engine = nullptr;
    rt::Runtime* runtime = nullptr;
    size_t queue_limit = 65536;       // transactions waiting; beyond it kBusy
    size_t group_limit = 1024;        // transactions a group
    size_t group_bytes_limit = 64 << 20;
    uint64_t journal_keep = 1'000'000;  // newest entries kept
    /// Called after each group: transactions in it, nanoseconds from first execution to durable. For metrics.
    std::function<void(size_t, rt::Nanos)> on_group;
  };

  /// Checks the format, counts up the start number durably, starts the committer. kCorruption, kIo;
  /// kInvalidArgument with words if the store is newer than this binary.
  static Result<std::unique_ptr<MetaStore>> open(Options options);
  ~MetaStore();  // finishes what is queued, then stops the thread

  /// Unique to this start of the store, counting from 1: makes ids unique across restarts.
  uint64_t start_number() const { return start_number_; }
  /// A random 128-bit id of the store, as hex.
  const std::string& store_id() const { return store_id_; }

  /// Runs `body(Txn&) -> Result<R>` on the shard's thread, once. When it succeeds, its writes are durable. If the
  /// group's write fails, the error says Applied::kMaybe and the store is read-only from then on; but if the engine
  /// saw in time that the disk is full, it is kNoSpace, nothing was applied and the store goes on.
  template <class Body>
  auto transact(Body body) -> Task<typename std::invoke_result_t<Body&, Txn&>::value_type> {
    using R = typename std::invoke_result_t<Body&, Txn&>::value_type;
    rt::Completion<R> done;
    std::optional<Result<R>> result;
    Request request;
    request.execute = [&](Txn& txn) -> bool {
      result.emplace(body(txn));
      if (auto status = txn.status(); *result && !status) result.emplace(std::unexpected(std::move(status.error())));
      return result->has_value();
    };
    request.finish = [&](const Error* group_error) {
      if (group_error != nullptr) result.emplace(std::unexpected(*group_error));
      done.complete(std::move(*result));
    };
    if (!enqueue(&request)) co_return fail(Code::kBusy, "too many transactions are waiting");
    co_return co_await done;
  }

  /// Runs `body(ReadView&) -> Result<R>`: first here with cached reads only, and if that would block, again on the
  /// blocking pool. `body` may run twice and has no effects of its own. `layer`: of which snapshot or clone; null: of
  /// none.
  template <class Body>
  auto read(Body body, LayerPtr layer = nullptr) -> Task<typename std::invoke_result_t<Body&, ReadView&>::value_type> {
    {
      ReadView cached(engine_, kv::ReadMode::kCachedOnly, nullptr, layer);
      auto result = body(cached);
      if (result || result.error().code != Code::kWouldBlock) co_return std::move(result);
    }
    auto call = [&] {
      ReadView view(engine_, kv::ReadMode::kAny, nullptr, layer);
      return body(view);
    };
    co_return co_await runtime_.pool().run(std::move(call));
  }

  kv::KvEngine& engine() { return engine_; }
  rt::Runtime& runtime() { return runtime_; }
  bool read_only() const;
  MetaStats stats() const;

  /// Journal entries with sequence > after, oldest first, at most `limit`. Blocking.
  Result<std::vector<std::pair<JournalSeq, Change>>> journal_after(JournalSeq after, size_t limit);

 private:
  friend class Committer;
  struct Request : rt::BatchWorker::Item {
    std::move_only_function<bool(Txn&)> execute;             // on the shard's thread; false: roll back
    std::move_only_function<void(const Error*)> finish;      // on the shard's thread; the request is gone afterwards
  };
  MetaStore(Options options, kv::KvEngine& engine);
  bool enqueue(Request* request);

  Options options_;
  kv::KvEngine& engine_;
  rt::Runtime& runtime_;
  uint64_t start_number_ = 0;
  std::string store_id_;
  std::unique_ptr<Committer> committer_;
};

}  // namespace tp::meta
