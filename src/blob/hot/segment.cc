#include "blob/hot/segment.h"

#include <algorithm>

namespace tp::blob {

namespace {
void subtract_down_to_zero(std::atomic<uint64_t>& from, uint64_t bytes) {
  uint64_t before = from.load();
  while (!from.compare_exchange_weak(before, before - std::min(before, bytes))) {
  }
}
}  // namespace

Error disk_error(Error error, const std::string& what) {
  switch (error.code) {
    case Code::kNoSpace:
    case Code::kReadOnly:
    case Code::kCorruption:
    case Code::kBusy:
      break;
    default:
      error.code = Code::kIo;
  }
  return std::move(error).with_context(what);
}

void Segment::sub_live(uint64_t bytes) {
  subtract_down_to_zero(live_bytes_, bytes);
}
void Segment::sub_disk(uint64_t bytes) {
  subtract_down_to_zero(disk_bytes, bytes);
}

std::shared_ptr<io::File> Segment::handle() {
  const std::lock_guard lock(mutex_);
  return file_;
}

std::pair<std::shared_ptr<io::File>, bool> Segment::install(std::shared_ptr<io::File> file) {
  const std::lock_guard lock(mutex_);
  if (file_ != nullptr) return {file_, false};
  file_ = std::move(file);
  return {file_, true};
}

bool Segment::drop_handle() {
  std::shared_ptr<io::File> dropped;
  const std::lock_guard lock(mutex_);
  dropped = std::move(file_);
  file_ = nullptr;
  return dropped != nullptr;
}

Task<void> Segment::sync(std::shared_ptr<Segment> self, std::shared_ptr<io::File> file, std::atomic<uint64_t>* syncs) {
  rt::Completion<bool> turn;
  bool lead = false;
  {
    const std::lock_guard lock(self->mutex_);
    lead = !self->sync_running_;
    self->sync_running_ = true;
    if (!lead) self->sync_waiters_.push_back(&turn);
  }
  if (!lead) {
    TP_CO_TRY(lead, co_await turn);
    if (!lead) co_return ok;
  }
  // Everyone who has come so far wrote before asking, and so before this sync starts: it is theirs too.
  std::vector<rt::Completion<bool>*> sharing;
  {
    const std::lock_guard lock(self->mutex_);
    sharing.swap(self->sync_waiters_);
  }
  auto result = co_await file->sync();
  if (result) syncs->fetch_add(1, std::memory_order_relaxed);
  rt::Completion<bool>* next = nullptr;
  {
    const std::lock_guard lock(self->mutex_);
    auto& waiters = self->sync_waiters_;
    if (!result) {
      // Nothing is known any more of what the waiters wrote either: none of them may sync again as if it were.
      sharing.insert(sharing.end(), waiters.begin(), waiters.end());
      waiters.clear();
    }
    if (waiters.empty()) {
      self->sync_running_ = false;
    } else {
      next = waiters.front();
      waiters.erase(waiters.begin());
    }
  }
  if (next != nullptr) next->complete(true);
  for (auto* sharer : sharing) sharer->complete(result ? Result<bool>(false) : std::unexpected(result.error()));
  co_return result;
}

}  // namespace tp::blob
