#include "net/rpc_server.h"

#include "net/rpc/rpc_connection.h"
#include "net/rpc/rpc_loop.h"
#include "rt/await.h"

namespace tp::net {

namespace {
constexpr size_t kKeptBlocks = 64;  // records of the largest size whose memory waits for its next use
}

struct RpcServer::State {
  rt::Runtime& runtime;
  const RpcServerOptions options;
  std::atomic<uint64_t> next_connection{1};
  std::vector<std::unique_ptr<RpcLoop>> loops;

  State(rt::Runtime& runtime_in, RpcServerOptions options_in) : runtime(runtime_in), options(options_in) {}
};

RpcServer::RpcServer(rt::Runtime& runtime, RpcHandler& handler, RpcServerOptions options)
    : state_(std::make_unique<State>(runtime, options)) {
  const auto pool = std::make_shared<RpcRecordPool>(options.max_record_bytes, kKeptBlocks);
  const unsigned count = runtime.loop_count();
  for (unsigned i = 0; i < count; ++i) {
    state_->loops.push_back(
        std::make_unique<RpcLoop>(runtime.loop(i), handler, state_->options, pool, options.bytes_altogether / count));
  }
}

RpcServer::~RpcServer() = default;

Task<void> RpcServer::serve(std::unique_ptr<io::Stream> stream) {
  RpcLoop& here = *state_->loops[rt::Loop::current().index()];
  RpcConnection connection(here, std::move(stream), state_->next_connection.fetch_add(1, std::memory_order_relaxed));
  co_return co_await connection.run();
}

Task<void> RpcServer::begin_stop() {
  rt::Loop& home = rt::Loop::current();
  for (unsigned i = 0; i < state_->runtime.loop_count(); ++i) {
    co_await rt::resume_on(state_->runtime.loop(i));
    state_->loops[i]->begin_stop();
  }
  co_await rt::resume_on(home);
  co_return ok;
}

RpcServer::Stats RpcServer::stats() const {
  Stats stats;
  for (const auto& loop : state_->loops) {
    stats.connections += loop->opened.get() - loop->closed.get();
    stats.calls += loop->calls.get();
    stats.malformed += loop->malformed.get();
    stats.bytes_in += loop->bytes_in.get();
    stats.bytes_out += loop->bytes_out.get();
  }
  return stats;
}

}  // namespace tp::net
