// TcpListener: io::Listener on a TCP port. Loop 0 accepts; each connection goes to the loop with the fewest open ones
// and its handler runs there in a task group that stop() joins. Invariant: at most `max_connections` are open, the ones
// over it are closed at once; out of descriptors, accepting pauses. Owner: the composition root, which calls stop()
// before destroying it. Contract: io/listener.h.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "io/listener.h"
#include "rt/runtime.h"

namespace tp::local {

struct SocketAddress;

class TcpListener final : public io::Listener, private rt::FdWatcher {
 public:
  using Wrap = std::function<std::unique_ptr<io::Stream>(std::unique_ptr<io::Stream>)>;
  struct Options {
    rt::Runtime* runtime = nullptr;
    std::string address;  // a name or numeric address; empty: every address, IPv6 and IPv4
    uint16_t port = 0;    // 0: the kernel chooses
    int backlog = 4096;
    size_t max_connections = 16384;
    std::string congestion_control;  // TCP_CONGESTION, such as "cubic"; best effort; empty: the machine's default
    Wrap wrap;                       // puts TLS over each stream; empty: none
  };
  struct Stats {
    uint64_t accepted = 0, refused = 0;
    uint64_t pauses = 0;  // of accepting, for want of descriptors or memory
    size_t open = 0;
  };

  /// On any loop. kBusy (the port is taken), kPermissionDenied, kInvalidArgument (no such address here).
  static Task<std::unique_ptr<TcpListener>> open(Options options, Handler handler);
  ~TcpListener() override;
  TcpListener(const TcpListener&) = delete;
  TcpListener& operator=(const TcpListener&) = delete;

  uint16_t port() const override { return port_; }
  Task<void> stop(rt::Nanos drain) override;
  /// Any thread.
  Stats stats() const;

 private:
  struct PerLoop;
  struct Arrival;
  struct AcceptTimer;

  TcpListener(Options options, Handler handler);
  Result<void> listen_on(const SocketAddress& address);
  void on_ready(uint32_t epoll_events) override;
  void accept_some();
  void pause_accepting();
  void place(int descriptor, const SocketAddress& peer);
  static Task<void> serve(TcpListener* self, PerLoop* home, int descriptor, SocketAddress peer);
  static Task<void> stop_loop(TcpListener* self, PerLoop* home, rt::Nanos drain);

  Options options_;
  Handler handler_;
  int descriptor_ = -1;
  uint16_t port_ = 0;
  bool watched_ = false;
  bool stopped_ = false;
  size_t next_loop_ = 0;
  std::atomic<uint64_t> accepted_{0};
  std::atomic<uint64_t> refused_{0};
  std::atomic<uint64_t> pauses_{0};
  std::vector<std::unique_ptr<PerLoop>> loops_;
  std::unique_ptr<AcceptTimer> resume_timer_;
};

}  // namespace tp::local
