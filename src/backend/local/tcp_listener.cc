#include "backend/local/tcp_listener.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "backend/local/posix_error.h"
#include "backend/local/tcp_connect.h"
#include "backend/local/tcp_stream.h"
#include "base/check.h"
#include "rt/await.h"

namespace tp::local {

namespace {
constexpr int kAcceptBatch = 64;
constexpr rt::Nanos kAcceptPause = 100 * rt::kMillisecond;

/// Errors that say the process or the machine has run out, not that this connection is bad.
bool out_of_resources(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}
}  // namespace

// What one loop holds of this listener. Touched on that loop, but for the count.
struct TcpListener::PerLoop {
  rt::Loop& loop;
  rt::TaskGroup handlers;
  TcpStream::Set streams;
  std::atomic<size_t> open{0};
  explicit PerLoop(rt::Loop& loop_in) : loop(loop_in) {}
};

// A connection on its way from loop 0 to its own loop.
struct TcpListener::Arrival : rt::Work {
  TcpListener* self = nullptr;
  PerLoop* home = nullptr;
  int descriptor = -1;
  SocketAddress peer;
};

// Takes accepting up again after a pause.
struct TcpListener::AcceptTimer : rt::Timer {
  TcpListener* self = nullptr;
};

Task<std::unique_ptr<TcpListener>> TcpListener::open(Options options, Handler handler) {
  rt::Loop& home = rt::Loop::current();
  rt::Runtime& runtime = *options.runtime;
  std::vector<SocketAddress> addresses;
  if (options.address.empty()) {
    addresses = {any_address(AF_INET6, options.port), any_address(AF_INET, options.port)};
  } else {
    TP_CO_TRY(addresses, co_await resolve(runtime, options.address, options.port));
  }
  co_await rt::resume_on(runtime.loop(0));
  std::unique_ptr<TcpListener> listener(new TcpListener(std::move(options), std::move(handler)));
  Result<void> listening = fail(Code::kInvalidArgument, "no address to listen on");
  for (const SocketAddress& address : addresses) {
    listening = listener->listen_on(address);
    // Only a family that this machine lacks is worth another try: a taken port must be reported.
    if (listening || listening.error().code != Code::kInvalidArgument) break;
  }
  if (!listening) listener->stopped_ = true;
  if (!listening) listener.reset();
  co_await rt::resume_on(home);
  if (!listening) co_return std::unexpected(std::move(listening).error());
  co_return listener;
}

TcpListener::TcpListener(Options options, Handler handler)
    : options_(std::move(options)), handler_(std::move(handler)), resume_timer_(std::make_unique<AcceptTimer>()) {
  for (unsigned i = 0; i < options_.runtime->loop_count(); ++i) {
    loops_.push_back(std::make_unique<PerLoop>(options_.runtime->loop(i)));
  }
  resume_timer_->self = this;
  resume_timer_->run = [](rt::Work* work) { static_cast<AcceptTimer*>(work)->self->accept_some(); };
}

TcpListener::~TcpListener() {
  TP_CHECK(stopped_);
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<void> TcpListener::listen_on(const SocketAddress& address) {
  if (descriptor_ >= 0) ::close(descriptor_);
  const std::string what = "listen on " + address.to_string();
  const int family = address.storage.ss_family;
  descriptor_ = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor_ < 0) return std::unexpected(error_from_errno(errno, what));
  const int on = 1;
  const int off = 0;
  ::setsockopt(descriptor_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (family == AF_INET6) ::setsockopt(descriptor_, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  // Accepted sockets inherit these two.
  ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  set_congestion_control(descriptor_, options_.congestion_control);
  if (::bind(descriptor_, reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0 ||
      ::listen(descriptor_, options_.backlog) != 0) {
    return std::unexpected(error_from_errno(errno, what));
  }
  SocketAddress bound;
  bound.size = sizeof bound.storage;
  if (::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&bound.storage), &bound.size) != 0) {
    return std::unexpected(error_from_errno(errno, what));
  }
  port_ = ntohs(family == AF_INET6 ? reinterpret_cast<const sockaddr_in6*>(&bound.storage)->sin6_port
                                   : reinterpret_cast<const sockaddr_in*>(&bound.storage)->sin_port);
  TP_TRY_VOID(options_.runtime->loop(0).watch(descriptor_, EPOLLIN, this));
  watched_ = true;
  return ok;
}

void TcpListener::on_ready(uint32_t) {
  if (!resume_timer_->armed) accept_some();
}

void TcpListener::accept_some() {
  for (int i = 0; i < kAcceptBatch && descriptor_ >= 0;) {
    SocketAddress peer;
    peer.size = sizeof peer.storage;
    const int accepted =
        ::accept4(descriptor_, reinterpret_cast<sockaddr*>(&peer.storage), &peer.size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted >= 0) {
      place(accepted, peer);
      ++i;
      continue;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) return;
    if (out_of_resources(errno)) return pause_accepting();
    ++i;  // EINTR, or a connection that died in the queue: the next one may be well
  }
  // No edge will come for those still in the queue: come back after the others had their turn.
  if (descriptor_ >= 0) options_.runtime->loop(0).arm(*resume_timer_, 0);
}

void TcpListener::pause_accepting() {
  pauses_.fetch_add(1, std::memory_order_relaxed);
  rt::Loop& loop = options_.runtime->loop(0);
  loop.arm(*resume_timer_, loop.clock().now() + kAcceptPause);
}

void TcpListener::place(int descriptor, const SocketAddress& peer) {
  size_t total = 0;
  PerLoop* least = nullptr;
  for (size_t i = 0; i < loops_.size(); ++i) {
    PerLoop* candidate = loops_[(next_loop_ + i) % loops_.size()].get();
    const size_t open = candidate->open.load(std::memory_order_relaxed);
    total += open;
    if (least == nullptr || open < least->open.load(std::memory_order_relaxed)) least = candidate;
  }
  if (total >= options_.max_connections) {
    refused_.fetch_add(1, std::memory_order_relaxed);
    ::close(descriptor);
    return;
  }
  next_loop_ = (next_loop_ + 1) % loops_.size();
  accepted_.fetch_add(1, std::memory_order_relaxed);
  least->open.fetch_add(1, std::memory_order_relaxed);
  auto arrival = std::make_unique<Arrival>();
  arrival->self = this;
  arrival->home = least;
  arrival->descriptor = descriptor;
  arrival->peer = peer;
  arrival->run = [](rt::Work* work) {
    const std::unique_ptr<Arrival> here(static_cast<Arrival*>(work));
    here->home->handlers.spawn(serve(here->self, here->home, here->descriptor, here->peer));
  };
  // Always by post, also to loop 0: stop() counts on arrivals being ahead of it in each loop's queue.
  least->loop.post(arrival.release());
}

Task<void> TcpListener::serve(TcpListener* self, PerLoop* home, int descriptor, SocketAddress peer) {
  auto adopted = TcpStream::adopt(descriptor, peer, &home->streams);
  if (adopted) {
    std::unique_ptr<io::Stream> stream = std::move(*adopted);
    if (self->options_.wrap) stream = self->options_.wrap(std::move(stream));
    // The handler answers for its own errors; the connection is over either way.
    [[maybe_unused]] const Result<void> done = co_await self->handler_(std::move(stream));
  }
  home->open.fetch_sub(1, std::memory_order_relaxed);
  co_return ok;
}

Task<void> TcpListener::stop_loop(TcpListener* self, PerLoop* home, rt::Nanos drain) {
  struct DrainTimer : rt::Timer {
    PerLoop* home = nullptr;
  };
  rt::Loop& caller = rt::Loop::current();
  struct ArrivalFence : rt::ResumeWork {
    rt::Loop& target;
    explicit ArrivalFence(rt::Loop& target_in) : target(target_in) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting) {
      handle = waiting;
      target.post(this);
    }
    void await_resume() const noexcept {}
  } fence(home->loop);
  co_await fence;
  if (home->handlers.running() > 0) {
    DrainTimer timer;
    timer.home = home;
    timer.run = [](rt::Work* work) {
      const TcpStream::Set streams = static_cast<DrainTimer*>(work)->home->streams;
      for (TcpStream* stream : streams) stream->close();
    };
    home->loop.arm(timer, home->loop.clock().now() + drain);
    co_await home->handlers.join();
    home->loop.cancel(timer);
  }
  co_await rt::resume_on(caller);
  co_return ok;
}

Task<void> TcpListener::stop(rt::Nanos drain) {
  rt::Loop& home = rt::Loop::current();
  rt::Loop& first = options_.runtime->loop(0);
  co_await rt::resume_on(first);
  if (!stopped_) {
    stopped_ = true;
    first.cancel(*resume_timer_);
    if (watched_) first.unwatch(descriptor_, this);
    ::close(descriptor_);
    descriptor_ = -1;
    rt::TaskGroup stopping;
    for (auto& loop : loops_) stopping.spawn(stop_loop(this, loop.get(), drain));
    co_await stopping.join();
  }
  co_await rt::resume_on(home);
  co_return ok;
}

TcpListener::Stats TcpListener::stats() const {
  Stats stats;
  stats.accepted = accepted_.load(std::memory_order_relaxed);
  stats.refused = refused_.load(std::memory_order_relaxed);
  stats.pauses = pauses_.load(std::memory_order_relaxed);
  for (const auto& loop : loops_) stats.open += loop->open.load(std::memory_order_relaxed);
  return stats;
}

}  // namespace tp::local
