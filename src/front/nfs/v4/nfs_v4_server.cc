// NfsV4 as the front knows it: the state with its clock, and compounds that work on it.
#include <spdlog/spdlog.h>

#include "front/nfs/core/nfs_v4.h"
#include "front/nfs/v4/compound_runner.h"
#include "rt/await.h"

namespace tp::nfs {
namespace {

constexpr rt::Nanos kSweepEvery = rt::kSecond;

class NfsV4Server final : public NfsV4 {
 public:
  NfsV4Server(NfsCore& core, state::NfsStateOptions options)
      : core_(core), state_(std::move(options)), records_(core.files, state_), pseudo_root_(core) {
    timer_.run = [](rt::Work* self) { static_cast<SweepTimer*>(self)->server->on_timer(); };
    timer_.server = this;
  }

  /// On any loop: the clock stays on it.
  void start() {
    home_ = &rt::Loop::current();
    arm();
  }

  Task<void> compound(net::RpcCall call, net::RpcReply* reply) override {
    v4::Compound compound(core_, state_, records_, pseudo_root_, call, *reply);
    co_return co_await v4::run_compound(compound);
  }

  // Any connection may use any session: nothing is kept of one.
  void on_closed(net::RpcPeer&) override {}

  Task<void> stop() override {
    rt::Loop& caller = rt::Loop::current();
    co_await rt::resume_on(*home_);
    if (timer_.armed) home_->cancel(timer_);
    stopping_ = true;
    co_await sweeps_.join();
    co_await rt::resume_on(caller);
    co_return ok;
  }

 private:
  struct SweepTimer : rt::Timer {
    NfsV4Server* server = nullptr;
  };

  void arm() { home_->arm(timer_, home_->clock().now() + kSweepEvery); }
  void on_timer() {
    if (!stopping_) sweeps_.spawn(sweep());
  }

  Task<void> sweep() {
    const auto due = state_.sweep();
    if (due.grace_ended) grace_ended_ = true;
    // What fails is tried again: nobody else would free what waits for the end of the grace period.
    if (grace_ended_) {
      const auto ended = co_await core_.files.end_of_grace();
      grace_ended_ = !ended;
      if (!ended) spdlog::warn("nfs: the end of the grace period: {}", ended.error().to_string());
    }
    if (due.records_to_settle) {
      const auto settled = co_await records_.settle({});
      if (!settled) spdlog::warn("nfs: clients' records: {}", settled.error().to_string());
    }
    if (!stopping_) arm();
    co_return ok;
  }

  NfsCore& core_;
  state::NfsState state_;
  state::ClientRecords records_;
  v4::PseudoRoot pseudo_root_;
  rt::Loop* home_ = nullptr;
  SweepTimer timer_;
  rt::TaskGroup sweeps_;
  bool stopping_ = false;
  bool grace_ended_ = false;  // and the plane has not been told yet
};

}  // namespace

Task<std::unique_ptr<NfsV4>> NfsV4::open(NfsCore& core) {
  state::NfsStateOptions options;
  options.clock = &core.runtime.clock();
  options.start_number = core.files.write_verifier();
  options.lease = core.options.lease;
  options.grace = core.options.grace;
  TP_CO_TRY_VOID(co_await state::ClientRecords::load(core.files, &options));
  auto server = std::make_unique<NfsV4Server>(core, std::move(options));
  server->start();
  co_return server;
}

}  // namespace tp::nfs
