// RpcLoop: what the connections of one loop share: limits, memory for reading and for replies, the sweep that looks at
// their deadlines, counters. Belongs to its loop; the counters are read from anywhere. Owner: RpcServer.
#pragma once

#include <atomic>
#include <list>
#include <memory>
#include <vector>

#include "net/rpc/rpc_batch.h"
#include "net/rpc/rpc_budget.h"
#include "net/rpc/rpc_record_pool.h"
#include "net/rpc_server.h"

namespace tp::net {

class RpcConnection;

class RpcLoop {
 public:
  static constexpr size_t kScratchBytes = 16 << 10;

  RpcLoop(rt::Loop& home_in, RpcHandler& handler_in, const RpcServerOptions& options_in,
          std::shared_ptr<RpcRecordPool> pool_in, size_t budget_bytes);
  ~RpcLoop();
  RpcLoop(const RpcLoop&) = delete;
  RpcLoop& operator=(const RpcLoop&) = delete;

  /// A connection for the sweep and for begin_stop().
  using Place = std::list<RpcConnection*>::iterator;
  Place enter(RpcConnection* connection);
  void leave(Place place);
  /// Every connection here takes no further calls.
  void begin_stop();

  std::unique_ptr<RpcBatch> take_batch();
  void give_batch(std::unique_ptr<RpcBatch> batch);
  /// For bytes that are taken out of it again before anything else runs.
  MutableBytes scratch();

  /// A number that one thread writes and all read.
  class Counter {
   public:
    void add(uint64_t more) { value_.store(get() + more, std::memory_order_relaxed); }
    uint64_t get() const { return value_.load(std::memory_order_relaxed); }

   private:
    std::atomic<uint64_t> value_{0};
  };

  rt::Loop& home;
  RpcHandler& handler;
  const RpcServerOptions& options;
  const std::shared_ptr<RpcRecordPool> pool;
  RpcBudget budget;
  bool stopping = false;
  Counter opened, closed, calls, malformed, bytes_in, bytes_out;

 private:
  struct Sweep : rt::Timer {
    RpcLoop* self = nullptr;
  };
  void look();
  void arm_sweep();

  std::list<RpcConnection*> connections_;
  std::vector<std::unique_ptr<RpcBatch>> batches_;
  std::vector<char> scratch_;
  Sweep sweep_;
};

}  // namespace tp::net
