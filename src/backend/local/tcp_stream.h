// TcpStream: io::Stream over a connected socket, on its loop's edge-triggered epoll. Every operation tries the system
// call first and waits only when the kernel says so. Idle timeouts are looked at twice a second by one sweep per loop,
// so that an operation arms no timer: a timeout fires up to half a second late. Invariant: used and destroyed on the
// loop it was adopted on, with no operation pending when destroyed. Owner: the connection's handler. Contract:
// io/stream.h.
#pragma once

#include <sys/socket.h>

#include <memory>
#include <string>
#include <unordered_set>

#include "io/stream.h"
#include "rt/loop.h"

namespace tp::local {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  /// "192.0.2.1:80", "[2001:db8::1]:80"; an IPv4 address mapped into IPv6 reads as IPv4.
  std::string to_string() const;
};

class TcpStream final : public io::Stream, private rt::FdWatcher {
 public:
  using Set = std::unordered_set<TcpStream*>;

  /// Takes over a non-blocking socket (closed if this fails) on the current loop. While the stream lives it is in `set`
  /// (may be null), which outlives it.
  static Result<std::unique_ptr<TcpStream>> adopt(int descriptor, const SocketAddress& peer, Set* set);
  ~TcpStream() override;
  TcpStream(const TcpStream&) = delete;
  TcpStream& operator=(const TcpStream&) = delete;

  Task<size_t> read_some(MutableBytes buffer) override;
  size_t try_read(MutableBytes buffer) override;
  Task<void> write_all(std::span<const BytesView> pieces) override;
  Task<void> write_region(BytesView head, const io::SendRegion& region) override;
  void set_idle_timeout(rt::Nanos timeout) override { idle_timeout_ = timeout; }
  void shutdown_write() override;
  void close() override;
  std::string peer_address() const override { return peer_.to_string(); }

  /// For a socket whose connect() is in progress: waits for its outcome.
  Task<void> wait_connected();

 private:
  class Sweep;
  /// The coroutine that waits for readiness in one direction.
  struct Waiter : rt::ResumeWork {
    bool waiting = false;
    bool timed_out = false;
    rt::Nanos since = 0;
  };
  struct Readiness {
    Waiter& waiter;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> handle) noexcept;
    void await_resume() const noexcept {}
  };

  TcpStream(int descriptor, const SocketAddress& peer, Set* set);
  void on_ready(uint32_t epoll_events) override;
  static void wake(Waiter& waiter);
  void expire(Waiter& waiter, rt::Nanos now);
  Result<void> check_open(const Waiter& waiter) const;
  bool may_lend();
  bool drained() const;
  Task<void> send_head(BytesView head);
  Task<void> lend_pages(BytesView bytes);

  int descriptor_;
  const SocketAddress peer_;
  Set* const set_;
  rt::Loop& loop_;
  rt::Nanos idle_timeout_ = 0;
  bool readable_ = true;  // the kernel may have bytes: worth a system call
  bool lending_ = false;  // counted by the sweep: the socket may hold pages that were lent to it
  bool ended_ = false;    // the peer's end or an error has been signalled: no further edge will come
  Waiter reader_;
  Waiter writer_;
};

}  // namespace tp::local
