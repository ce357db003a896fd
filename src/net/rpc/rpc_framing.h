// RpcFraming: puts records together out of fragments, as bytes come in, in any split. It takes no memory by itself:
// once a record's first mark is known it wants room, and goes on when it was given. Bounded: the record's size and
// number of fragments. Spec: RFC 5531 §11.
#pragma once

#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "base/result.h"
#include "net/rpc/rpc_record_pool.h"

namespace tp::net {

class RpcFraming {
 public:
  RpcFraming(size_t max_record_bytes, unsigned max_fragments)
      : max_record_bytes_(max_record_bytes), max_fragments_(max_fragments) {}

  enum class Want : uint8_t {
    kBytes,    // more input
    kRoom,     // give_room(): a record begins and its first fragment's size is known
    kRelease,  // release(): a record is complete
  };
  Want want() const { return want_; }
  /// No byte of a record has come.
  bool between_records() const { return fragments_ == 0 && mark_bytes_ == 0; }

  /// Takes what it can of `input` and says how much; stops where it wants something else than bytes. kTooLarge,
  /// kMalformed (too many fragments): the stream cannot be followed any further.
  Result<size_t> take(BytesView input, RpcRecordPool& pool);
  /// Where the rest of the fragment goes that is being read.
  MutableBytes rest() { return {memory_.bytes.get() + size_, fragment_left_}; }
  /// So many bytes of rest() were written.
  void filled(size_t bytes);

  /// Of the first fragment, with kRoom.
  size_t room_wanted() const { return fragment_left_; }
  void give_room(RpcRecordPool& pool);
  /// Memory taken for the record so far.
  size_t held_bytes() const { return memory_.capacity; }

  struct Record {
    std::shared_ptr<char[]> memory;
    BytesView bytes;
  };
  Record release();

 private:
  Result<void> begin_fragment(RpcRecordPool& pool);
  void end_fragment();
  void grow(RpcRecordPool& pool);

  const size_t max_record_bytes_;
  const unsigned max_fragments_;
  Want want_ = Want::kBytes;
  char mark_[4] = {};
  unsigned mark_bytes_ = 0;   // of the next fragment's mark
  bool in_fragment_ = false;  // its mark is known
  bool last_fragment_ = false;
  unsigned fragments_ = 0;  // of this record, the one in hand included
  size_t fragment_left_ = 0;
  RpcRecordPool::Memory memory_;
  size_t size_ = 0;  // of the record so far
};

}  // namespace tp::net
