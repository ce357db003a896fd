#include "backend/local/uring_ring.h"

#include <liburing.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "backend/local/posix_error.h"
#include "base/check.h"

namespace tp::local {

namespace {
constexpr unsigned kSubmissionEntries = 256;
constexpr unsigned kMaxInFlight = 2 * kSubmissionEntries;  // the size of the completion queue: it cannot overflow
constexpr unsigned kReapBatch = 64;
}  // namespace

UringRing::UringRing(rt::Loop& loop) : loop_(loop), ring_(std::make_unique<io_uring>()) {}

Result<std::unique_ptr<UringRing>> UringRing::open(rt::Loop& loop) {
  TP_CHECK(rt::Loop::current_or_null() == &loop);
  std::unique_ptr<UringRing> ring(new UringRing(loop));
  TP_TRY_VOID(ring->set_up());
  return ring;
}

Result<void> UringRing::set_up() {
  // Newest first: completions run on our thread when we ask for them; older kernels know less.
  constexpr std::array<unsigned, 3> kFlagChoices = {
      IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_TASKRUN_FLAG,
      IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG, 0};
  int error = -ENOSYS;
  for (const unsigned flags : kFlagChoices) {
    *ring_ = {};
    error = io_uring_queue_init(kSubmissionEntries, ring_.get(), flags);
    if (error != -EINVAL) break;
  }
  if (error < 0) return std::unexpected(error_from_errno(-error, "io_uring_setup"));
  ring_open_ = true;
  event_fd_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (event_fd_ < 0) return std::unexpected(error_from_errno(errno, "eventfd"));
  error = io_uring_register_eventfd(ring_.get(), event_fd_);
  if (error < 0) return std::unexpected(error_from_errno(-error, "io_uring_register eventfd"));
  TP_TRY_VOID(loop_.watch(event_fd_, EPOLLIN, this));
  loop_.add_hook(this);
  hooked_ = true;
  return ok;
}

UringRing::~UringRing() {
  if (hooked_) {
    TP_CHECK(rt::Loop::current_or_null() == &loop_ && in_flight_ == 0);
    loop_.remove_hook(this);
    loop_.unwatch(event_fd_, this);
  }
  if (ring_open_) io_uring_queue_exit(ring_.get());
  if (event_fd_ >= 0) ::close(event_fd_);
}

void UringRing::start(Operation* operation) {
  if (waiting_head_ == nullptr && in_flight_ < kMaxInFlight && prepare(operation)) return;
  operation->next_waiting = nullptr;
  *waiting_tail_ = operation;
  waiting_tail_ = &operation->next_waiting;
}

bool UringRing::prepare(Operation* operation) {
  io_uring_sqe* entry = io_uring_get_sqe(ring_.get());
  if (entry == nullptr) {
    submit();
    entry = io_uring_get_sqe(ring_.get());
    if (entry == nullptr) return false;
  }
  switch (operation->kind) {
    case Kind::kRead:
      io_uring_prep_read(entry, operation->descriptor, operation->address, operation->size, operation->offset);
      break;
    case Kind::kWrite:
      io_uring_prep_write(entry, operation->descriptor, operation->address, operation->size, operation->offset);
      break;
    case Kind::kDataSync:
      io_uring_prep_fsync(entry, operation->descriptor, IORING_FSYNC_DATASYNC);
      break;
  }
  io_uring_sqe_set_data(entry, operation);
  ++queued_;
  ++in_flight_;
  return true;
}

void UringRing::submit() {
  if (queued_ == 0) return;
  const int submitted = io_uring_submit(ring_.get());
  // -EAGAIN and -EBUSY mean "later": what was not taken stays queued and the next turn tries again.
  if (submitted > 0) queued_ -= std::min(queued_, static_cast<unsigned>(submitted));
}

// The counter is never read: each signal is an edge of its own to epoll.
void UringRing::on_ready(uint32_t) {
  reap();
}

void UringRing::before_wait() {
  if (in_flight_ == 0) return;
  submit();
  reap();
}

void UringRing::reap() {
  std::array<io_uring_cqe*, kReapBatch> entries;
  for (;;) {
    const unsigned count = io_uring_peek_batch_cqe(ring_.get(), entries.data(), kReapBatch);
    if (count == 0) break;
    for (unsigned i = 0; i < count; ++i) {
      auto* operation = static_cast<Operation*>(io_uring_cqe_get_data(entries[i]));
      operation->result = entries[i]->res;
      loop_.defer(operation);
    }
    io_uring_cq_advance(ring_.get(), count);
    in_flight_ -= count;
  }
  while (waiting_head_ != nullptr && in_flight_ < kMaxInFlight) {
    Operation* operation = waiting_head_;
    if (!prepare(operation)) break;
    waiting_head_ = operation->next_waiting;
    if (waiting_head_ == nullptr) waiting_tail_ = &waiting_head_;
  }
  // What was just queued would sit out the wait: take it along now.
  submit();
}

}  // namespace tp::local
