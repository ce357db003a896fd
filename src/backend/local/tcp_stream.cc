#include "backend/local/tcp_stream.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <utility>
#include <vector>

#include "backend/local/posix_error.h"
#include "base/check.h"

namespace tp::local {

namespace {

constexpr size_t kMaxPieces = 64;         // of one system call
constexpr size_t kPipeBytes = 512 << 10;  // a region of 256 KiB that does not start on a page fits
constexpr size_t kMaxIdlePipes = 8;       // kept by each loop's thread
constexpr size_t kMaxLenders = 32;        // streams of a loop that may hold lent pages
constexpr rt::Nanos kSweepInterval = rt::kSecond / 2;

// splice() cannot ask for EPIPE instead of the signal, so the process ignores it, as every server does.
void ignore_broken_pipes() {
  static const bool done = [] { return std::signal(SIGPIPE, SIG_IGN) != SIG_ERR; }();
  TP_CHECK(done);
}

bool would_block(int error) {
  return error == EAGAIN || error == EWOULDBLOCK;
}

/// The pieces that are left to send, as sendmsg wants them.
class PieceCursor {
 public:
  explicit PieceCursor(std::span<const BytesView> pieces) : pieces_(pieces) { skip_empty(); }
  bool done() const { return index_ == pieces_.size(); }
  size_t fill(std::array<iovec, kMaxPieces>& out) const {
    size_t count = 0;
    for (size_t i = index_; i < pieces_.size() && count < out.size(); ++i) {
      const size_t skip = i == index_ ? offset_ : 0;
      if (pieces_[i].size() > skip)
        out[count++] = {const_cast<char*>(pieces_[i].data()) + skip, pieces_[i].size() - skip};
    }
    return count;
  }
  void advance(size_t sent) {
    while (sent > 0) {
      const size_t step = std::min(sent, pieces_[index_].size() - offset_);
      offset_ += step;
      sent -= step;
      skip_empty();
    }
  }

 private:
  void skip_empty() {
    while (index_ < pieces_.size() && offset_ == pieces_[index_].size()) {
      ++index_;
      offset_ = 0;
    }
  }
  std::span<const BytesView> pieces_;
  size_t index_ = 0;
  size_t offset_ = 0;
};

// A pipe that carries pages from memory to a socket; kept for the next one unless pages were left in it.
class PagePipe {
 public:
  /// Invalid if none can be had.
  static PagePipe take() {
    PagePipe pipe;
    auto& idle = idle_pipes();
    if (!idle.empty()) {
      std::swap(pipe.ends_, idle.back().ends_);
      idle.pop_back();
    } else if (::pipe2(pipe.ends_.data(), O_CLOEXEC | O_NONBLOCK) == 0) {
      // Best effort: a smaller pipe takes a region in more turns.
      ::fcntl(pipe.ends_[1], F_SETPIPE_SZ, static_cast<int>(kPipeBytes));
    }
    return pipe;
  }
  PagePipe() = default;
  PagePipe(PagePipe&& other) noexcept : ends_(std::exchange(other.ends_, {-1, -1})) {}
  PagePipe& operator=(PagePipe&&) = delete;
  ~PagePipe() {
    for (const int end : ends_) {
      if (end >= 0) ::close(end);
    }
  }
  /// The pipe is empty and may serve the next region.
  void keep() && {
    if (idle_pipes().size() < kMaxIdlePipes) idle_pipes().push_back(std::move(*this));
  }
  bool valid() const { return ends_[0] >= 0; }
  int read_end() const { return ends_[0]; }
  int write_end() const { return ends_[1]; }

 private:
  static std::vector<PagePipe>& idle_pipes() {
    static thread_local std::vector<PagePipe> idle;
    return idle;
  }
  std::array<int, 2> ends_ = {-1, -1};
};

}  // namespace

std::string SocketAddress::to_string() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (storage.ss_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(&storage);
    inet_ntop(AF_INET, &v4->sin_addr, text.data(), text.size());
    return std::string(text.data()) + ":" + std::to_string(ntohs(v4->sin_port));
  }
  if (storage.ss_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&storage);
    const std::string port = std::to_string(ntohs(v6->sin6_port));
    if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
      inet_ntop(AF_INET, &v6->sin6_addr.s6_addr[12], text.data(), text.size());
      return std::string(text.data()) + ":" + port;
    }
    inet_ntop(AF_INET6, &v6->sin6_addr, text.data(), text.size());
    return "[" + std::string(text.data()) + "]:" + port;
  }
  return "unknown";
}

// The streams of one loop's thread, and the timer that looks at their idle time while there are any.
class TcpStream::Sweep : private rt::Timer {
 public:
  static Sweep& of_this_thread() {
    static thread_local Sweep sweep;
    return sweep;
  }
  void add(TcpStream* stream) {
    streams_.insert(stream);
    if (!armed) arm_again();
  }
  bool add_lender() {
    if (lenders_ >= kMaxLenders) return false;
    ++lenders_;
    return true;
  }
  void drop_lender() { --lenders_; }
  void drop(TcpStream* stream) {
    streams_.erase(stream);
    if (streams_.empty()) rt::Loop::current().cancel(*this);
  }

 private:
  Sweep() {
    run = [](rt::Work* self) { static_cast<Sweep*>(self)->look(); };
  }
  void arm_again() {
    rt::Loop& loop = rt::Loop::current();
    loop.arm(*this, loop.clock().now() + kSweepInterval);
  }
  void look() {
    const rt::Nanos now = rt::Loop::current().clock().now();
    for (TcpStream* stream : streams_) {
      if (stream->lending_ && stream->drained()) {
        stream->lending_ = false;
        drop_lender();
      }
      if (stream->idle_timeout_ <= 0) continue;
      stream->expire(stream->reader_, now);
      stream->expire(stream->writer_, now);
    }
    if (!streams_.empty()) arm_again();
  }

  Set streams_;
  size_t lenders_ = 0;
};

Result<std::unique_ptr<TcpStream>> TcpStream::adopt(int descriptor, const SocketAddress& peer, Set* set) {
  ignore_broken_pipes();
  std::unique_ptr<TcpStream> stream(new TcpStream(descriptor, peer, set));
  TP_TRY_VOID(stream->loop_.watch(descriptor, EPOLLIN | EPOLLOUT | EPOLLRDHUP, stream.get()));
  return stream;
}

TcpStream::TcpStream(int descriptor, const SocketAddress& peer, Set* set)
    : descriptor_(descriptor), peer_(peer), set_(set), loop_(rt::Loop::current()) {
  Sweep::of_this_thread().add(this);
  if (set_ != nullptr) set_->insert(this);
}

TcpStream::~TcpStream() {
  TP_CHECK(!reader_.waiting && !writer_.waiting);
  close();
  Sweep& sweep = Sweep::of_this_thread();
  if (lending_) sweep.drop_lender();
  sweep.drop(this);
  if (set_ != nullptr) set_->erase(this);
}

void TcpStream::close() {
  if (descriptor_ < 0) return;
  loop_.unwatch(descriptor_, this);
  ::close(descriptor_);
  descriptor_ = -1;
  wake(reader_);
  wake(writer_);
}

void TcpStream::shutdown_write() {
  if (descriptor_ >= 0) ::shutdown(descriptor_, SHUT_WR);
}

void TcpStream::on_ready(uint32_t epoll_events) {
  if ((epoll_events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) ended_ = true;
  if ((epoll_events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
    readable_ = true;
    wake(reader_);
  }
  if ((epoll_events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) wake(writer_);
}

void TcpStream::Readiness::await_suspend(std::coroutine_handle<> handle) noexcept {
  TP_CHECK(!waiter.waiting);
  waiter.handle = handle;
  waiter.waiting = true;
  waiter.timed_out = false;
  waiter.since = rt::Loop::current().turn_time();
}

void TcpStream::wake(Waiter& waiter) {
  if (!waiter.waiting) return;
  waiter.waiting = false;
  rt::Loop::current().defer(&waiter);
}

void TcpStream::expire(Waiter& waiter, rt::Nanos now) {
  if (!waiter.waiting || now - waiter.since < idle_timeout_) return;
  waiter.timed_out = true;
  wake(waiter);
}

Result<void> TcpStream::check_open(const Waiter& waiter) const {
  if (descriptor_ < 0) return fail(Code::kClosed, "connection closed");
  if (waiter.timed_out) return fail(Code::kTimeout, "connection idle for too long");
  return ok;
}

Task<size_t> TcpStream::read_some(MutableBytes buffer) {
  reader_.timed_out = false;
  for (;;) {
    TP_CO_TRY_VOID(check_open(reader_));
    if (readable_ || ended_) {
      const ssize_t got = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
      if (got >= 0) {
        // Less than asked for means empty: the next bytes come with an edge.
        if (static_cast<size_t>(got) < buffer.size()) readable_ = false;
        co_return static_cast<size_t>(got);
      }
      if (errno == EINTR) continue;
      if (!would_block(errno)) co_return std::unexpected(error_from_errno(errno, "receive"));
      readable_ = false;
      // The peer has ended its side and yet there is nothing: an edge is still to come.
      ended_ = false;
    }
    Readiness ready{reader_};
    co_await ready;
  }
}

size_t TcpStream::try_read(MutableBytes buffer) {
  if (descriptor_ < 0 || !readable_) return 0;
  const ssize_t got = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
  if (got > 0) {
    if (static_cast<size_t>(got) < buffer.size()) readable_ = false;
    return static_cast<size_t>(got);
  }
  // An end or an error is for read_some() to report: a flag of its own keeps it from waiting for an edge that has been.
  if (got == 0 || !would_block(errno)) ended_ = true;
  readable_ = false;
  return 0;
}

Task<void> TcpStream::write_all(std::span<const BytesView> pieces) {
  writer_.timed_out = false;
  PieceCursor cursor(pieces);
  while (!cursor.done()) {
    TP_CO_TRY_VOID(check_open(writer_));
    std::array<iovec, kMaxPieces> vectors;
    msghdr message{};
    message.msg_iov = vectors.data();
    message.msg_iovlen = cursor.fill(vectors);
    const ssize_t sent = ::sendmsg(descriptor_, &message, MSG_NOSIGNAL);
    if (sent >= 0) {
      cursor.advance(static_cast<size_t>(sent));
      continue;
    }
    if (errno == EINTR) continue;
    if (!would_block(errno)) co_return std::unexpected(error_from_errno(errno, "send"));
    Readiness ready{writer_};
    co_await ready;
  }
  co_return ok;
}

Task<void> TcpStream::write_region(BytesView head, const io::SendRegion& region) {
  if (!region.lendable || !may_lend()) {
    const std::array<BytesView, 2> pieces = {head, region.bytes};
    co_return co_await write_all(pieces);
  }
  TP_CO_TRY_VOID(co_await send_head(head));
  co_return co_await lend_pages(region.bytes);
}

bool TcpStream::may_lend() {
  if (!lending_) lending_ = Sweep::of_this_thread().add_lender();
  return lending_;
}

/// Whether the peer has acknowledged all, so that the socket holds no pages; not while a write is under way.
bool TcpStream::drained() const {
  int unacknowledged = 0;
  if (writer_.waiting || descriptor_ < 0) return false;
  return ::ioctl(descriptor_, SIOCOUTQ, &unacknowledged) == 0 && unacknowledged == 0;
}

Task<void> TcpStream::send_head(BytesView head) {
  writer_.timed_out = false;
  while (!head.empty()) {
    TP_CO_TRY_VOID(check_open(writer_));
    const ssize_t sent = ::send(descriptor_, head.data(), head.size(), MSG_NOSIGNAL | MSG_MORE);
    if (sent >= 0) {
      head.remove_prefix(static_cast<size_t>(sent));
      continue;
    }
    if (errno == EINTR) continue;
    if (!would_block(errno)) co_return std::unexpected(error_from_errno(errno, "send"));
    Readiness ready{writer_};
    co_await ready;
  }
  co_return ok;
}

Task<void> TcpStream::lend_pages(BytesView bytes) {
  PagePipe pipe = PagePipe::take();
  writer_.timed_out = false;
  size_t in_pipe = 0;
  while (!bytes.empty() || in_pipe > 0) {
    TP_CO_TRY_VOID(check_open(writer_));
    if (in_pipe == 0) {
      const iovec piece = {const_cast<char*>(bytes.data()), bytes.size()};
      const ssize_t taken = pipe.valid() ? ::vmsplice(pipe.write_end(), &piece, 1, SPLICE_F_NONBLOCK) : -1;
      if (taken <= 0) {  // out of pipes: a copy does it too
        const std::array<BytesView, 1> rest = {bytes};
        co_return co_await write_all(rest);
      }
      in_pipe = static_cast<size_t>(taken);
      bytes.remove_prefix(in_pipe);
    }
    const ssize_t sent = ::splice(pipe.read_end(), nullptr, descriptor_, nullptr, in_pipe, SPLICE_F_NONBLOCK);
    if (sent > 0) {
      in_pipe -= static_cast<size_t>(sent);
      continue;
    }
    if (sent == 0) co_return fail(Code::kInternal, "a pipe lost pages on their way to a socket");
    if (errno == EINTR) continue;
    if (!would_block(errno)) co_return std::unexpected(error_from_errno(errno, "splice"));
    Readiness ready{writer_};
    co_await ready;
  }
  std::move(pipe).keep();
  co_return ok;
}

Task<void> TcpStream::wait_connected() {
  writer_.timed_out = false;
  for (;;) {
    TP_CO_TRY_VOID(check_open(writer_));
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
    if (error != 0) co_return std::unexpected(error_from_errno(error, "connect to " + peer_.to_string()));
    SocketAddress peer;
    peer.size = sizeof peer.storage;
    if (::getpeername(descriptor_, reinterpret_cast<sockaddr*>(&peer.storage), &peer.size) == 0) co_return ok;
    Readiness ready{writer_};
    co_await ready;
  }
}

}  // namespace tp::local
