#include "net/rpc/rpc_loop.h"

#include <algorithm>

#include "base/check.h"
#include "net/rpc/rpc_connection.h"

namespace tp::net {

namespace {
constexpr size_t kKeptBatches = 64;
constexpr rt::Nanos kLongestSweep = rt::kSecond;
constexpr rt::Nanos kShortestSweep = rt::kMillisecond;
}  // namespace

RpcLoop::RpcLoop(rt::Loop& home_in, RpcHandler& handler_in, const RpcServerOptions& options_in,
                 std::shared_ptr<RpcRecordPool> pool_in, size_t budget_bytes)
    : home(home_in), handler(handler_in), options(options_in), pool(std::move(pool_in)), budget(budget_bytes) {
  sweep_.self = this;
  sweep_.run = [](rt::Work* work) { static_cast<Sweep*>(work)->self->look(); };
}

RpcLoop::~RpcLoop() {
  TP_CHECK(connections_.empty());
}

RpcLoop::Place RpcLoop::enter(RpcConnection* connection) {
  opened.add(1);
  const Place place = connections_.insert(connections_.end(), connection);
  if (!sweep_.armed) arm_sweep();
  return place;
}

void RpcLoop::leave(Place place) {
  closed.add(1);
  connections_.erase(place);
  if (connections_.empty()) rt::Loop::current().cancel(sweep_);
}

void RpcLoop::begin_stop() {
  stopping = true;
  for (RpcConnection* connection : connections_) connection->begin_stop();
}

void RpcLoop::look() {
  const rt::Nanos now = rt::Loop::current().turn_time();
  for (RpcConnection* connection : connections_) connection->check_deadlines(now);
  if (!connections_.empty()) arm_sweep();
}

void RpcLoop::arm_sweep() {
  rt::Loop& loop = rt::Loop::current();
  const rt::Nanos quarter = std::min(options.idle_timeout, options.record_timeout) / 4;
  loop.arm(sweep_, loop.clock().now() + std::clamp(quarter, kShortestSweep, kLongestSweep));
}

std::unique_ptr<RpcBatch> RpcLoop::take_batch() {
  if (batches_.empty()) return std::make_unique<RpcBatch>();
  std::unique_ptr<RpcBatch> batch = std::move(batches_.back());
  batches_.pop_back();
  return batch;
}

void RpcLoop::give_batch(std::unique_ptr<RpcBatch> batch) {
  batch->clear();
  if (batches_.size() < kKeptBatches) batches_.push_back(std::move(batch));
}

MutableBytes RpcLoop::scratch() {
  if (scratch_.empty()) scratch_.resize(kScratchBytes);
  return scratch_;
}

}  // namespace tp::net
