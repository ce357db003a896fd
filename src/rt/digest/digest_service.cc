#include "rt/digest/digest_service.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/hash/md5_lanes.h"

namespace tp::rt {

namespace {
// Between steps new pieces join the lanes, so a step is short: some 25 µs.
constexpr size_t kStepSize = 16 * 1024;
// So many lanes cost hardly more than one; beyond, another idle worker may as well share.
constexpr size_t kFreeLanes = 8;
}  // namespace

/// What one thread has in hand: MD5 pieces with at least one whole block to go, and at most one other piece.
struct DigestService::Worker {
  std::array<Piece*, kMd5MaxLanes> lanes;
  size_t lane_count = 0;
  Piece* other = nullptr;

  bool idle() const noexcept { return lane_count == 0 && other == nullptr; }

  static void complete(Piece* piece) {
    // The piece lives in the waiting coroutine's frame and is gone once this is called.
    piece->done->complete(ok);
  }

  /// From here on the piece starts at a block of its stream.
  void admit(Piece* piece) {
    piece->rest.remove_prefix(piece->md5->fill_partial_block(piece->rest));
    if (piece->rest.size() >= kMd5BlockSize) {
      lanes[lane_count++] = piece;
    } else {
      piece->md5->update(piece->rest);
      complete(piece);
    }
  }

  /// Advances all lanes by what the shortest of them has, bounded.
  void step_lanes() {
    size_t block_count = kStepSize / kMd5BlockSize;
    std::array<Md5State*, kMd5MaxLanes> states;
    std::array<const char*, kMd5MaxLanes> data;
    for (size_t i = 0; i < lane_count; ++i) {
      block_count = std::min(block_count, lanes[i]->rest.size() / kMd5BlockSize);
      states[i] = &lanes[i]->md5->state();
      data[i] = lanes[i]->rest.data();
    }
    md5_blocks_lanes({states.data(), lane_count}, {data.data(), lane_count}, block_count);
    const size_t before = std::exchange(lane_count, 0);
    for (size_t i = 0; i < before; ++i) {
      Piece* piece = lanes[i];
      piece->md5->count_blocks(block_count);
      piece->rest.remove_prefix(block_count * kMd5BlockSize);
      admit(piece);
    }
  }

  void step_other() {
    const size_t size = std::min(kStepSize, other->rest.size());
    other->hasher->update(other->rest.substr(0, size));
    other->rest.remove_prefix(size);
    if (other->rest.empty()) complete(std::exchange(other, nullptr));
  }
};

void DigestService::PieceQueue::push(Piece* piece) noexcept {
  (head == nullptr ? head : tail->next) = piece;
  tail = piece;
  ++size;
}

DigestService::Piece* DigestService::PieceQueue::pop() noexcept {
  Piece* piece = head;
  head = piece->next;
  --size;
  return piece;
}

DigestService::DigestService(unsigned threads) : thread_count_(std::max(threads, 1u)) {
  for (unsigned i = 0; i < thread_count_; ++i) threads_.emplace_back([this] { work(); });
}

DigestService::~DigestService() { stop(); }

void DigestService::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ready_.notify_all();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

Task<void> DigestService::update(Md5& md5, BytesView bytes) { return submit(&md5, nullptr, bytes); }

Task<void> DigestService::update(Hasher& hasher, BytesView bytes) { return submit(nullptr, &hasher, bytes); }

Task<void> DigestService::submit(Md5* md5, Hasher* hasher, BytesView bytes) {
  Completion<void> done;
  Piece piece{md5, hasher, bytes, &done};
  bool accepted = false;
  {
    const std::lock_guard lock(mutex_);
    accepted = !stopping_;
    if (accepted) (md5 != nullptr ? md5_waiting_ : hasher_waiting_).push(&piece);
  }
  if (!accepted) co_return fail(Code::kUnavailable, "the digest service has stopped");
  ready_.notify_one();
  co_return co_await done;
}

bool DigestService::take_pieces(Worker& worker) {
  std::array<Piece*, kMd5MaxLanes> taken;
  size_t taken_count = 0;
  {
    std::unique_lock lock(mutex_);
    if (worker.idle()) {
      ready_.wait(lock, [this] { return md5_waiting_.size + hasher_waiting_.size > 0 || stopping_; });
      if (md5_waiting_.size + hasher_waiting_.size == 0) return false;
    }
    const size_t fair = (md5_waiting_.size + worker.lane_count + thread_count_ - 1) / thread_count_;
    const size_t share = std::min(kMd5MaxLanes, std::max(kFreeLanes, fair));
    while (md5_waiting_.size > 0 && worker.lane_count + taken_count < share) {
      taken[taken_count++] = md5_waiting_.pop();
    }
    if (hasher_waiting_.size > 0 && worker.other == nullptr) worker.other = hasher_waiting_.pop();
  }
  for (size_t i = 0; i < taken_count; ++i) worker.admit(taken[i]);
  return true;
}

void DigestService::work() {
  Worker worker;
  while (take_pieces(worker)) {
    if (worker.lane_count > 0) worker.step_lanes();
    if (worker.other != nullptr) worker.step_other();
  }
}

}  // namespace tp::rt
