#include "backend/memory/memory_stream.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "rt/await.h"

namespace tp::memory {

namespace {

// A coroutine that waits for the other end, at most for its idle timeout.
struct Waiter : rt::Timer {
  std::coroutine_handle<> handle;
  bool timed_out = false;

  Waiter() {
    run = [](rt::Work* self) {
      auto* waiter = static_cast<Waiter*>(self);
      waiter->timed_out = true;
      std::exchange(waiter->handle, {}).resume();
    };
  }
  void wake() {
    if (!handle) return;
    rt::Loop::current().cancel(*this);
    resume.handle = std::exchange(handle, {});
    rt::Loop::current().defer(&resume);
  }
  rt::ResumeWork resume;
};

struct Wait {
  Waiter& waiter;
  rt::Nanos timeout;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) {
    TP_CHECK(!waiter.handle);
    waiter.handle = handle;
    waiter.timed_out = false;
    rt::Loop& loop = rt::Loop::current();
    if (timeout > 0) loop.arm(waiter, loop.clock().now() + timeout);
  }
  void await_resume() const noexcept {}
};

// One direction.
struct Pipe {
  Bytes data;
  size_t taken = 0;  // bytes of `data` read already
  bool ended = false;
  Waiter reader;
  Waiter writer;
  size_t waiting_bytes() const { return data.size() - taken; }
};

// What both ends share: it goes with the last of them.
struct Connection {
  MemoryStreamOptions options;
  std::array<Pipe, 2> pipes;
  uint64_t written = 0;
  bool broken = false;
  void break_now() {
    broken = true;
    for (Pipe& pipe : pipes) {
      pipe.reader.wake();
      pipe.writer.wake();
    }
  }
};

class MemoryStream final : public io::Stream {
 public:
  MemoryStream(std::shared_ptr<Connection> connection, int side) : connection_(std::move(connection)), side_(side) {}
  ~MemoryStream() override { close(); }

  Task<size_t> read_some(MutableBytes buffer) override {
    Pipe& pipe = in();
    for (;;) {
      TP_CO_TRY_VOID(check_open());
      if (pipe.waiting_bytes() > 0) co_return take(buffer);
      if (pipe.ended) co_return size_t{0};
      if (connection_->broken) co_return fail(Code::kClosed, "connection broken");
      Wait wait{pipe.reader, idle_timeout_};
      co_await wait;
      if (pipe.reader.timed_out) co_return fail(Code::kTimeout, "connection idle for too long");
    }
  }

  size_t try_read(MutableBytes buffer) override { return closed_ ? 0 : take(buffer); }

  Task<void> write_all(std::span<const BytesView> pieces) override {
    for (const BytesView piece : pieces) TP_CO_TRY_VOID(co_await write_piece(piece));
    co_return ok;
  }

  Task<void> write_region(BytesView head, const io::SendRegion& region) override {
    TP_CO_TRY_VOID(co_await write_piece(head));
    co_return co_await write_piece(region.bytes);
  }

  void set_idle_timeout(rt::Nanos timeout) override { idle_timeout_ = timeout; }
  void shutdown_write() override {
    out().ended = true;
    out().reader.wake();
  }
  void close() override {
    if (closed_) return;
    closed_ = true;
    shutdown_write();
    out().writer.wake();
    in().reader.wake();
    in().ended = true;
    in().writer.wake();  // the peer's writer learns that nobody reads
  }
  std::string peer_address() const override { return side_ == 0 ? "memory:1" : "memory:0"; }

 private:
  Pipe& out() { return connection_->pipes[side_]; }
  Pipe& in() { return connection_->pipes[1 - side_]; }
  Result<void> check_open() const {
    if (closed_) return fail(Code::kClosed, "connection closed");
    return ok;
  }

  size_t take(MutableBytes buffer) {
    Pipe& pipe = in();
    size_t count = std::min(buffer.size(), pipe.waiting_bytes());
    if (connection_->options.max_read_bytes > 0) count = std::min(count, connection_->options.max_read_bytes);
    std::copy_n(pipe.data.data() + pipe.taken, count, buffer.data());
    pipe.taken += count;
    if (pipe.taken == pipe.data.size()) {
      pipe.data.clear();
      pipe.taken = 0;
    } else if (pipe.taken >= connection_->options.buffer_bytes) {
      pipe.data.erase(0, std::exchange(pipe.taken, 0));
    }
    if (count > 0) pipe.writer.wake();
    return count;
  }

  Task<void> write_piece(BytesView piece) {
    Pipe& pipe = out();
    const MemoryStreamOptions& options = connection_->options;
    while (!piece.empty()) {
      TP_CO_TRY_VOID(check_open());
      if (connection_->broken || pipe.ended) co_return fail(Code::kClosed, "connection broken");
      const size_t room = options.buffer_bytes - std::min(options.buffer_bytes, pipe.waiting_bytes());
      if (room == 0) {
        Wait wait{pipe.writer, idle_timeout_};
        co_await wait;
        if (pipe.writer.timed_out) co_return fail(Code::kTimeout, "connection idle for too long");
        continue;
      }
      size_t count = std::min(room, piece.size());
      if (options.max_write_bytes > 0) count = std::min(count, options.max_write_bytes);
      if (options.break_after_bytes > 0) {
        count = std::min<uint64_t>(count, options.break_after_bytes - connection_->written);
      }
      pipe.data.append(piece.substr(0, count));
      piece.remove_prefix(count);
      connection_->written += count;
      pipe.reader.wake();
      if (options.break_after_bytes > 0 && connection_->written >= options.break_after_bytes) connection_->break_now();
      if (options.max_write_bytes > 0) co_await rt::yield();
    }
    co_return ok;
  }

  const std::shared_ptr<Connection> connection_;
  const int side_;
  rt::Nanos idle_timeout_ = 0;
  bool closed_ = false;
};

}  // namespace

std::pair<std::unique_ptr<io::Stream>, std::unique_ptr<io::Stream>> make_stream_pair(MemoryStreamOptions options) {
  auto connection = std::make_shared<Connection>();
  connection->options = options;
  return {std::make_unique<MemoryStream>(connection, 0), std::make_unique<MemoryStream>(connection, 1)};
}

}  // namespace tp::memory
