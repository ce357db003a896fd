#include "net/rpc/rpc_framing.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "wire/xdr/rpc_message.h"

namespace tp::net {

Result<size_t> RpcFraming::take(BytesView input, RpcRecordPool& pool) {
  size_t taken = 0;
  while (want_ == Want::kBytes && taken < input.size()) {
    if (!in_fragment_) {
      mark_[mark_bytes_++] = input[taken++];
      if (mark_bytes_ == sizeof mark_) TP_TRY_VOID(begin_fragment(pool));
      continue;
    }
    const size_t step = std::min(fragment_left_, input.size() - taken);
    std::memcpy(memory_.bytes.get() + size_, input.data() + taken, step);
    taken += step;
    filled(step);
  }
  return taken;
}

Result<void> RpcFraming::begin_fragment(RpcRecordPool& pool) {
  const auto mark = get_be<uint32_t>(mark_);
  mark_bytes_ = 0;
  in_fragment_ = true;
  last_fragment_ = (mark & wire::kRpcLastFragment) != 0;
  fragment_left_ = mark & ~wire::kRpcLastFragment;
  if (fragment_left_ > max_record_bytes_ - size_) return fail(Code::kTooLarge, "an RPC record is too large");
  if (++fragments_ > max_fragments_) return fail(Code::kMalformed, "an RPC record has too many fragments");
  if (fragments_ == 1) {
    want_ = Want::kRoom;
    return ok;
  }
  if (fragment_left_ > memory_.capacity - size_) grow(pool);
  if (fragment_left_ == 0) end_fragment();
  return ok;
}

// Twice as much each time, so that a record of many small fragments is not copied for every one of them.
void RpcFraming::grow(RpcRecordPool& pool) {
  const size_t wanted = std::max(size_ + fragment_left_, std::min(2 * size_, max_record_bytes_));
  RpcRecordPool::Memory larger = pool.take(wanted);
  std::memcpy(larger.bytes.get(), memory_.bytes.get(), size_);
  memory_ = std::move(larger);
}

void RpcFraming::give_room(RpcRecordPool& pool) {
  TP_CHECK(want_ == Want::kRoom);
  memory_ = pool.take(fragment_left_);
  want_ = Want::kBytes;
  if (fragment_left_ == 0) end_fragment();
}

void RpcFraming::filled(size_t bytes) {
  TP_CHECK(bytes <= fragment_left_);
  size_ += bytes;
  fragment_left_ -= bytes;
  if (fragment_left_ == 0) end_fragment();
}

void RpcFraming::end_fragment() {
  in_fragment_ = false;
  if (last_fragment_) want_ = Want::kRelease;
}

RpcFraming::Record RpcFraming::release() {
  TP_CHECK(want_ == Want::kRelease);
  Record record{std::move(memory_.bytes), {}};
  record.bytes = BytesView(record.memory.get(), size_);
  memory_ = {};
  size_ = 0;
  fragments_ = 0;
  want_ = Want::kBytes;
  return record;
}

}  // namespace tp::net
