// NfsState: what NFSv4.1 makes a server remember: clients, sessions with their reply caches, opens, byte-range locks,
// the grace period. A model without I/O: the operations (front/nfs/v4) decode, ask here, encode. Safe from any loop:
// one mutex, short sections, nothing is awaited. No callbacks, no delegations. Bounded everywhere (NfsStateLimits).
// Time comes from the clock; sweep() must be called by a timer. Spec: RFC 8881 §2.10, §8, §9, §18.
//
// Who calls what, in order:
//   EXCHANGE_ID, CREATE_SESSION, DESTROY_CLIENTID, DESTROY_SESSION, BIND_CONN_TO_SESSION: the method of that name.
//   SEQUENCE: sequence(). On kNew run the compound, then SlotUse::finish(); on kReplay send the cached reply.
//   OPEN: may_open() first (grace; nothing is touched if it fails), then files.open() WITHOUT a truncating size, then
//     open() with the pin, and only if that is kOk a truncation of what existed. A file that was opened without a name
//     look-up (CLAIM_FH, CLAIM_PREVIOUS): files.open_file().
//   After OPEN, LOCK, RECLAIM_COMPLETE succeeded: `if (needs_settle(client)) co_await records.settle(client)`
//     (client_records.h) before the answer: what may be reclaimed after a crash is durable before the client knows it
//     has it. A failure there answers kServerFault.
//   READ, WRITE, SETATTR(size), ALLOCATE, COPY ...: check_io() with the operation's stateid.
//   The current stateid is replaced by the operations: StateId::current() is kBadStateId here.
// Methods that take a ClientId take that of the compound's SEQUENCE; one that has gone meanwhile is kDeadSession.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "front/nfs/state/state_types.h"
#include "plane/files.h"
#include "rt/env/clock.h"

namespace tp::nfs::state {

struct NfsStateLimits {
  uint32_t clients = 4096;                  // unconfirmed ones go first, then those whose lease is over
  uint32_t sessions_per_client = 16;
  uint32_t slots = 64;                      // a session
  uint32_t max_request_bytes = (1 << 20) + (32 << 10);
  uint32_t max_response_bytes = (1 << 20) + (32 << 10);
  uint32_t max_cached_bytes = 16 << 10;     // a reply that a slot keeps
  uint32_t max_operations = 128;            // a compound
  uint64_t reply_cache_bytes = 256 << 20;   // of all slots, if all were full: new sessions get fewer slots
  uint32_t opens_per_client = 65536;        // kNoSpc beyond
  uint32_t lock_states_per_client = 65536;  // kServerFault beyond, as the next two
  uint32_t ranges_per_client = 131072;
  uint32_t opens = 1 << 20;                 // of all clients
  uint32_t owner_bytes = v4::kOpaqueLimit;
};

struct NfsStateOptions {
  const rt::Clock* clock = &rt::SystemClock::instance();
  uint64_t start_number = 1;                // the store's; never the same twice
  rt::Nanos lease = 60 * rt::kSecond;
  rt::Nanos grace = 60 * rt::kSecond;
  /// A client whose lease is over keeps its state this long still, unless another's wishes conflict.
  rt::Nanos courtesy = 600 * rt::kSecond;
  std::vector<Bytes> reclaimers;            // owners that may reclaim (ClientRecords::load); none: no grace period
  std::vector<std::string> old_records;     // their records' names, removed when the grace period is over
  NfsStateLimits limits;
};

class NfsState;

/// A request that runs in a slot. Move only. Without finish() (the request broke off) a retry is kRetryUncachedRep.
class SlotUse {
 public:
  SlotUse() = default;
  SlotUse(SlotUse&& other) noexcept;
  SlotUse& operator=(SlotUse&& other) noexcept;
  ~SlotUse();
  explicit operator bool() const { return state_ != nullptr; }
  /// The request is answered with `reply` (COMPOUND4res as encoded). Kept for a retry if the client asked for it and it
  /// is at most max_cached_bytes (longer ones the operations answer with kRepTooBigToCache beforehand). Empty: there is
  /// none to keep.
  void finish(BytesView reply);

 private:
  friend class NfsState;
  NfsState* state_ = nullptr;
  SessionId session_;
  uint32_t slot_ = 0;
  bool cache_ = false;
};

struct SequenceResult {
  enum class Kind : uint8_t {
    kNew,     // run it
    kReplay,  // `replay` is the answer, COMPOUND4res as it was
  };
  Kind kind = Kind::kNew;
  Bytes replay;
  SlotUse use;
  ClientId client;
  uint32_t highest_slot = 0, target_highest_slot = 0, status_flags = 0;
  ChannelAttributes limits;  // of the session: kReqTooBig, kRepTooBig, kRepTooBigToCache, kTooManyOps
};

struct OpenArgs {
  Bytes owner;               // open_owner4.owner
  Share share;
  bool reclaim = false;      // CLAIM_PREVIOUS
};

/// What check_io() says of READ and WRITE.
struct IoRight {
  /// How Files checks: kOpened where an open allows exactly this.
  plane::AccessCheck check = plane::AccessCheck::kByMode;
};

class NfsState {
 public:
  explicit NfsState(NfsStateOptions options);
  /// Pins of what is open are forgotten, not let go: the next start's grace period decides about those files.
  ~NfsState();
  NfsState(const NfsState&) = delete;

  /// A status other than kOk, or the value.
  template <class T>
  struct Answer {
    Status status = Status::kOk;
    T value{};
    // NOLINTBEGIN(google-explicit-constructor)
    Answer(Status status_in) : status(status_in) {}
    Answer(T value_in) : value(std::move(value_in)) {}
    // NOLINTEND(google-explicit-constructor)
    explicit operator bool() const { return status == Status::kOk; }
  };

  // Clients and sessions.
  /// kInval, kClidInUse, kNoEnt, kNotSame, kPerm, kDelay (the server is full of living clients).
  Answer<ExchangeIdResult> exchange_id(const ExchangeIdArgs& args);
  /// kStaleClientId, kSeqMisordered, kClidInUse, kInval, kTooSmall, kNoSpc. A retry gets the answer it had.
  Answer<CreateSessionResult> create_session(const CreateSessionArgs& args);
  /// kStaleClientId, kClientIdBusy.
  Status destroy_client(ClientId client);
  /// `own`: the slot of the compound that asks, if it began with a SEQUENCE of this session (it must be its last
  /// operation then: the caller's check). kBadSession; kDelay while other requests of the session run.
  Status destroy_session(const SessionId& session, const SlotUse* own);
  /// channel_dir_from_client4 in, channel_dir_from_server4 out. Backchannels are never used: kInval for the back
  /// channel alone. Any connection may use any session (SP4_NONE), so nothing is kept of it.
  Answer<uint32_t> bind_connection(const SessionId& session, uint32_t direction);
  /// kBadSession, kBadSlot, kBadHighSlot, kSeqMisordered, kSeqFalseRetry, kRetryUncachedRep (the operations answer it
  /// at SEQUENCE), kDelay (the first try still runs). Renews the lease.
  Answer<SequenceResult> sequence(const SequenceArgs& args);
  /// RECLAIM_COMPLETE; with rca_one_fs nothing is to be done. kCompleteAlready.
  Status reclaim_complete(ClientId client, bool one_file_system);

  // Opens.
  /// Whether this client may open now: kGrace, kNoGrace, kDeadSession. Before the tree is touched.
  Status may_open(ClientId client, bool reclaim);
  /// Opens pin.file() or widens what the owner has open. kShareDenied (kReclaimConflict), kInval, kNoSpc, and
  /// may_open()'s. The pin goes when not needed.
  Answer<StateId> open(ClientId client, OpenArgs args, plane::FilePin pin);
  /// kBadStateId, kOldStateId, kInval (more than is open).
  Answer<StateId> downgrade(ClientId client, const StateId& stateid, plane::FileId file, Share share);
  /// Its byte-range locks go with it. Answers StateId::invalid().
  Answer<StateId> close(ClientId client, const StateId& stateid, plane::FileId file);
  /// What an open, a lock's open or nobody may do now with the file's bytes. `write`: also truncation, allocation.
  /// kOpenMode, kLocked (a special stateid against another's deny), kGrace, kBadStateId, kOldStateId.
  Answer<IoRight> check_io(ClientId client, const StateId& stateid, plane::FileId file, bool write);

  // Byte-range locks.
  /// kDenied with `denied`; kInval, kBadStateId, kOldStateId, kOpenMode, kGrace, kNoGrace, kReclaimConflict,
  /// kServerFault (a limit).
  Answer<StateId> lock(ClientId client, const LockArgs& args, plane::FileId file, LockDenied* denied);
  /// kOk: it could be had. kDenied with `denied`, kInval, kGrace.
  Status test_lock(ClientId client, const Bytes& owner, plane::FileId file, LockKind kind, WireRange range,
                   LockDenied* denied);
  Answer<StateId> unlock(ClientId client, const StateId& stateid, plane::FileId file, WireRange range);

  // Stateids.
  /// TEST_STATEID's answer for one of them.
  Status test_stateid(ClientId client, const StateId& stateid);
  /// kLocksHeld for opens and for locks that hold a range.
  Status free_stateid(ClientId client, const StateId& stateid);

  // Time.
  struct SweepResult {
    bool grace_ended = false;        // true once: files.end_of_grace() is due (at once if there was nobody to wait for)
    bool records_to_settle = false;  // ClientRecords::settle({}) is due
  };
  /// Frees what is over. Every second or so.
  SweepResult sweep();
  bool in_grace();
  rt::Nanos lease() const { return options_.lease; }

  // Records of who may reclaim; used by ClientRecords.
  bool needs_settle(ClientId client);
  struct RecordWork {
    std::vector<std::string> remove;
    std::string write;               // "" for none
    Bytes owner;
  };
  RecordWork record_work(ClientId client);
  void record_done(ClientId client, const RecordWork& work);

  struct Stats {
    size_t clients = 0, sessions = 0, opens = 0, lock_states = 0, ranges = 0;
    uint64_t reply_cache_bytes = 0;  // reserved
  };
  Stats stats();

 private:
  friend class SlotUse;
  struct Tables;
  class Hold;
  void finish_slot(const SessionId& session, uint32_t slot, bool cache, const BytesView* reply);

  NfsStateOptions options_;
  std::unique_ptr<Tables> tables_;
};

}  // namespace tp::nfs::state
