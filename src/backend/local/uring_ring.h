// UringRing: one core's io_uring for files. Operations queued during a turn of the loop go to the kernel in one system
// call before the loop waits; completions are reaped there and when the ring's eventfd wakes the loop.
// Invariant: made, used and destroyed on its loop's own thread; no operation is pending when it is destroyed.
// Owner: UringFileSystem, one ring per loop. Spec: io_uring(7), io_uring_setup(2).
#pragma once

#include <coroutine>
#include <cstdint>
#include <memory>

#include "base/result.h"
#include "rt/loop.h"

struct io_uring;

namespace tp::local {

class UringRing final : private rt::FdWatcher, private rt::LoopHook {
 public:
  enum class Kind : uint8_t { kRead, kWrite, kDataSync };

  /// One request; lives in the frame of the coroutine that awaits it. `co_await` gives bytes done or -errno.
  struct Operation : rt::ResumeWork {
    UringRing& ring;
    Kind kind;
    int descriptor;
    char* address;
    uint32_t size;
    uint64_t offset;
    int result = 0;
    Operation* next_waiting = nullptr;

    Operation(UringRing& ring_in, Kind kind_in, int descriptor_in, char* address_in, uint32_t size_in,
              uint64_t offset_in)
        : ring(ring_in),
          kind(kind_in),
          descriptor(descriptor_in),
          address(address_in),
          size(size_in),
          offset(offset_in) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting) {
      handle = waiting;
      ring.start(this);
    }
    int await_resume() const noexcept { return result; }
  };

  /// On the loop's thread. kNotImplemented or kPermissionDenied where the kernel has no io_uring for us.
  static Result<std::unique_ptr<UringRing>> open(rt::Loop& loop);
  ~UringRing() override;
  UringRing(const UringRing&) = delete;
  UringRing& operator=(const UringRing&) = delete;

 private:
  explicit UringRing(rt::Loop& loop);
  Result<void> set_up();
  void on_ready(uint32_t epoll_events) override;
  void before_wait() override;
  void start(Operation* operation);
  bool prepare(Operation* operation);
  void submit();
  void reap();

  rt::Loop& loop_;
  std::unique_ptr<io_uring> ring_;
  bool ring_open_ = false;
  bool hooked_ = false;
  int event_fd_ = -1;
  unsigned queued_ = 0;                // prepared, not yet submitted
  unsigned in_flight_ = 0;             // prepared or submitted, not yet reaped
  Operation* waiting_head_ = nullptr;  // beyond the limit of what may be in flight
  Operation** waiting_tail_ = &waiting_head_;
};

}  // namespace tp::local
