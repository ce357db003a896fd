// RpcConnection: one connection: a reader that takes records in and starts their calls, the calls side by side, a
// writer that sends what they answered. Invariant: the reader goes on only while the calls and bytes in flight are
// within the limits, so a peer that sends and does not read is stopped by its own socket. Belongs to one loop. Internal
// to net/.
#pragma once

#include <array>
#include <memory>

#include "net/rpc/rpc_framing.h"
#include "net/rpc/rpc_loop.h"
#include "rt/task_group.h"

namespace tp::net {

class RpcConnection {
 public:
  RpcConnection(RpcLoop& loop, std::unique_ptr<io::Stream> stream, uint64_t number);
  RpcConnection(const RpcConnection&) = delete;
  RpcConnection& operator=(const RpcConnection&) = delete;

  /// Serves calls until the connection ends; all of them have ended then.
  Task<void> run();
  /// Takes no further calls, and closes when those under way are answered.
  void begin_stop();
  /// Closes if a record or a reply takes too long, or nothing has been asked for too long.
  void check_deadlines(rt::Nanos now);

 private:
  enum class Step : uint8_t { kMore, kNoRoom, kEnd };
  static constexpr size_t kWaitingBytes = 2 << 10;  // read into by a connection that waits for its next call

  // A coroutine that waits for something of this connection to change.
  struct Sleeper : rt::ResumeWork {
    bool sleeping = false;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting) noexcept {
      handle = waiting;
      sleeping = true;
    }
    void await_resume() const noexcept {}
    void wake() {
      if (!sleeping) return;
      sleeping = false;
      rt::Loop::current().defer(this);
    }
  };

  Task<void> read_calls();
  Task<bool> read_rest();
  Task<bool> read_input();
  Task<void> wait_for_room();
  Result<Step> consume();
  bool within_limits() const;
  bool take_budget();
  void give_room();
  void settle_held();
  Result<void> start_call();
  static Task<void> run_call(RpcConnection* self, RpcCall call, size_t record_bytes);
  void answered(const Result<void>& handled, RpcReply& reply, size_t record_bytes);
  static Task<void> write_replies(RpcConnection* self);
  void end_call(size_t calls, size_t bytes);
  bool finishing() const { return draining_ || closed_; }
  void close();

  RpcLoop& loop_;
  const std::unique_ptr<io::Stream> stream_;
  const std::shared_ptr<RpcPeer> peer_;  // shared: a front may keep it a little longer than the connection
  RpcFraming framing_;
  BytesView input_;  // in waiting_, held_ or the loop's scratch: not taken yet
  Bytes held_;       // input that waits for room
  rt::TaskGroup calls_;
  rt::TaskGroup writer_;
  std::unique_ptr<RpcBatch> pending_;  // replies that are ready
  Sleeper reader_sleep_, writer_sleep_;

  size_t calls_in_flight_ = 0;    // started and not sent
  size_t bytes_in_flight_ = 0;    // of records from their first mark on, then of their replies until they are sent
  size_t held_record_bytes_ = 0;  // the part of it that is the record coming in
  bool draining_ = false;
  bool closed_ = false;
  bool calls_ended_ = false;
  rt::Nanos last_call_ = 0;
  rt::Nanos record_since_ = 0;  // 0: none is coming in, or it waits for us
  rt::Nanos write_since_ = 0;   // 0: nothing is being written
  std::array<char, kWaitingBytes> waiting_;
};

}  // namespace tp::net
