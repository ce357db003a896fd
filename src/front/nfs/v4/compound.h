// Compound: one COMPOUND under way: its arguments, its reply, the session it runs in, the current and the saved file
// with their stateids. Lives in the frame that runs the operations, one after another. Spec: RFC 8881 §2.3, §16.2.
#pragma once

#include <optional>
#include <vector>

#include "front/nfs/core/nfs_front.h"
#include "front/nfs/state/client_records.h"
#include "front/nfs/v4/attributes/encode.h"
#include "front/nfs/v4/nfs_status4.h"
#include "front/nfs/v4/pseudo_root.h"
#include "front/nfs/v4/wire_types.h"

namespace tp::nfs::v4 {

/// A file of a volume, and who asks, as the volume takes him.
struct Place {
  plane::FileId file;
  plane::FileCaller caller;
};

/// The current (or saved) filehandle and stateid.
struct Position {
  std::optional<HandleTarget> target;
  std::optional<state::StateId> stateid;

  void go_to(const HandleTarget& to) {
    target = to;
    stateid.reset();
  }
};

class Compound {
 public:
  Compound(NfsCore& core_in, state::NfsState& state_in, state::ClientRecords& records_in, PseudoRoot& pseudo_in,
           const net::RpcCall& call_in, net::RpcReply& reply_in);
  Compound(const Compound&) = delete;

  NfsCore& core;
  state::NfsState& state;
  state::ClientRecords& records;
  PseudoRoot& pseudo_root;
  const net::RpcCall& call;
  net::RpcReply& reply;
  const plane::ClaimedIdentity claimed;

  wire::XdrReader in;  // stands at the arguments of the operation that runs
  uint32_t minor = 0;
  uint32_t operations = 0;  // in the compound
  uint32_t number = 0;      // of the operation that runs, from 0
  Position current, saved;

  // Of the session; nothing outside of one.
  bool in_session = false;
  bool cache_reply = false;  // the slot keeps the reply: all of it stays in reply.xdr()
  state::ClientId client;
  state::SessionId session;
  state::SlotUse slot;
  uint64_t reply_limit_bytes = kSessionlessReplyBytes;
  uint64_t request_limit_bytes = UINT64_MAX;
  uint32_t operations_limit = kMaxOps;
  std::optional<Bytes> replay;  // COMPOUND4res that the slot kept: the answer; nothing more runs
  /// What the operation has written after a status other than kOk belongs to its result.
  bool keep_results = false;

  plane::Files& files() { return core.files; }
  wire::XdrWriter& out() { return reply.xdr(); }
  /// kBadXdr if the arguments read so far did not fit.
  Status parsed() const { return in.good() ? Status::kOk : Status::kBadXdr; }
  bool last_operation() const { return number + 1 == operations; }

  /// Whether the result may grow by `bytes`: kRepTooBig, kRepTooBigToCache.
  Status room_for(uint64_t bytes) const;
  Status too_big() const { return cache_reply ? Status::kRepTooBigToCache : Status::kRepTooBig; }

  /// Who asks, on this volume.
  Result<plane::FileCaller> caller_on(VolumeId volume);
  /// Where the position is: kNoFileHandle; `on_pseudo_root` there.
  Result<Place> place_of(const Position& position, Status on_pseudo_root);
  Result<Place> here(Status on_pseudo_root) { return place_of(current, on_pseudo_root); }
  /// kNoFileHandle unless there is a current file, whatever it is.
  Status need_file() const { return current.target ? Status::kOk : Status::kNoFileHandle; }
  bool at_pseudo_root() const { return current.target && current.target->pseudo_root; }

  /// The stateid, or the position's where it says "the current one".
  Result<state::StateId> resolve(const state::StateId& given, const Position& position) const;
  /// What the stateid allows on the file.
  Result<plane::AccessCheck> io_right(const state::StateId& given, const Position& position, plane::FileId file,
                                      bool write);
  /// After new state was granted: durable who may reclaim it.
  Task<void> settle_client();

  /// What attributes are written from: finds out what costs something only if it is wanted.
  Task<AttributeSource> attribute_source(HandleTarget target, Bitmap wanted);
  /// The same where the file's attributes are known; nothing is awaited unless kSpaceAttributes are wanted.
  AttributeSource attribute_source_of(const HandleTarget& target, const plane::FileAttributes& file,
                                      const Bitmap& wanted);

  /// Who asks, in a form that tells principals apart.
  Bytes principal() const;

 private:
  static constexpr uint64_t kSessionlessReplyBytes = 64 << 10;
  struct Admitted {
    VolumeId volume;
    plane::FileCaller caller;
  };
  std::vector<Admitted> admitted_;
};

}  // namespace tp::nfs::v4
