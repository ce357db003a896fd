// NfsState's tables: clients, sessions, opens, locks by their ids, and the grace period. Private to this folder. What
// is dropped hands its pins to the Hold, which lets go of them after the mutex: freeing a file's bytes is the plane's
// work.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "front/nfs/state/nfs_state.h"
#include "front/nfs/state/range_locks.h"
#include "front/nfs/state/slot_table.h"

namespace tp::nfs::state {

struct Client;
struct FileState;
struct LockState;

/// A pin that is only let go by being moved out. What is left when the server stops is forgotten: a file without a name
/// then waits for its client to reclaim it at the next start, and is not freed on the way down.
struct KeptPin {
  union {
    plane::FilePin pin;
  };
  KeptPin() : pin() {}
  KeptPin(const KeptPin&) = delete;
  KeptPin& operator=(const KeptPin&) = delete;
  ~KeptPin() {}  // NOLINT(modernize-use-equals-default): a union's member is not destroyed on its own
};

struct Open {
  uint64_t number = 0;
  Client* client = nullptr;
  FileState* file = nullptr;
  Bytes owner;
  Share share;
  uint8_t seen_access = 0, seen_deny = 0;  // bit n: an OPEN asked for exactly n, what a downgrade may go back to
  uint32_t seqid = 1;
  KeptPin kept;
  std::vector<LockState*> locks;           // that were taken through it
};

/// One lock owner's locks on one file. Lives as long as any open that it was taken through.
struct LockState {
  uint64_t number = 0;
  Client* client = nullptr;
  FileState* file = nullptr;
  uint64_t owner_number = 0;
  Bytes owner;
  uint32_t seqid = 1;
  std::vector<Open*> opens;
};

struct FileState {
  plane::FileId file;
  std::unordered_map<uint64_t, Open*> opens;       // by number
  std::unordered_map<uint64_t, LockState*> locks;  // by owner's number
  uint32_t access_count[2] = {}, deny_count[2] = {};  // opens that have, that deny: reading, writing
  RangeLocks ranges;
};

struct Session {
  SessionId id;
  Client* client = nullptr;
  SlotTable slots;
  ChannelAttributes limits;
  uint64_t reserved_bytes = 0;
};

struct LockOwner {
  uint64_t number = 0;
  uint32_t states = 0;
};

struct Client {
  ClientId id;
  Bytes owner, principal;
  std::array<char, 8> verifier{};
  bool confirmed = false;
  rt::Nanos renewed = 0;
  uint32_t running = 0;                      // requests in slots
  uint32_t create_sequence = 0;              // the last CREATE_SESSION's
  bool created = false;                      // `create_reply` is its answer
  CreateSessionResult create_reply;
  std::vector<SessionId> sessions;
  bool may_reclaim = false, reclaim_complete = false;
  bool recorded = false;                     // its durable record stands
  bool record_begun = false;                 // it may stand
  std::map<std::pair<Bytes, FileState*>, Open*> opens;
  std::unordered_map<Bytes, LockOwner> lock_owners;
  uint32_t lock_states = 0, ranges = 0;
};

struct SessionIdHash {
  // The last eight bytes are random.
  size_t operator()(const SessionId& id) const noexcept { return get_be<uint64_t>(id.bytes.data() + 8); }
};
struct FileIdHash {
  size_t operator()(const plane::FileId& id) const noexcept {
    return std::hash<InodeId>()(id.inode) ^ std::hash<VolumeId>()(id.volume) * 31;
  }
};

/// The next number of a stateid: 0 is left out.
uint32_t advance(uint32_t& seqid);
/// What the opens allow that the locks were taken through.
uint32_t access_of(const LockState& locks);

struct NfsState::Tables {
  explicit Tables(const NfsStateOptions& options);

  using Pins = std::vector<plane::FilePin>;

  // Time.
  bool lease_over(const Client& client) const;
  void renew(Client& client) const { client.renewed = options.clock->now(); }
  bool grace_active();
  void end_grace();
  /// kGrace, kNoGrace or kOk for what takes new state.
  Status may_take_state(const Client& client, bool reclaim);

  // Clients.
  Client* find_client(ClientId id);
  /// Null unless confirmed.
  Client* find_confirmed(ClientId id);
  Client& add_unconfirmed(const ExchangeIdArgs& args);
  void confirm(Client& client);
  /// Makes room for one more; false if all that are there live.
  bool make_room_for_client(Pins& pins);
  void drop_client(Client& client, Pins& pins);
  std::string record_name(const Client& client) const;

  // Sessions.
  Session* find_session(const SessionId& id);
  Session* add_session(Client& client, const CreateSessionArgs& args);
  void drop_session(Session& session);

  // Opens and locks.
  FileState& file(plane::FileId id);
  FileState* find_file(plane::FileId id);
  void forget_if_idle(FileState& file);
  void set_share(Open& open, Share share);
  void drop_open(Open& open, Pins& pins);
  LockState& add_lock_state(Open& open, const Bytes& owner);
  LockState* find_locks(const Client& client, const Bytes& owner, const FileState& file);
  bool locks_have_room(const Client& client, const FileState& file, bool new_state) const;
  void drop_lock_state(LockState& locks);
  /// Recounts after its ranges changed: `before` is what count() was.
  void count_ranges(LockState& locks, size_t before);
  /// Whether `own` may not have `wanted` of the file. Drops the clients whose lease is over and whose opens are in the
  /// way. `open`: what the owner has already.
  bool share_refused(plane::FileId file, const Client& own, const Open* open, Share wanted, Pins& pins);
  static bool share_conflicts(const FileState& file, const Open* open, Share wanted);
  /// What is in the way of a lock by `owner` of `own`. Drops the clients whose lease is over.
  std::optional<RangeLocks::Held> range_conflict(plane::FileId file, const Client& own, uint64_t owner, ByteRange range,
                                                 LockKind kind, Pins& pins);

  // Stateids.
  StateId stateid_of(uint64_t number, uint32_t seqid) const;
  struct Found {
    Status status = Status::kBadStateId;
    Open* open = nullptr;
    LockState* locks = nullptr;  // one of the two if kOk
  };
  /// `file` null: any.
  Found find(const Client& client, const StateId& stateid, const plane::FileId* file);

  const NfsStateOptions options;
  const uint32_t epoch;
  std::mutex mutex;

  uint32_t next_client = 1, next_session = 1;
  uint64_t next_number = 1, next_owner = 1;
  std::unordered_map<ClientId, std::unique_ptr<Client>> clients;
  std::unordered_map<Bytes, Client*> confirmed, unconfirmed;  // by owner
  std::set<std::pair<uint64_t, Client*>> unconfirmed_by_age;  // by id: they count upwards
  std::unordered_map<SessionId, std::unique_ptr<Session>, SessionIdHash> sessions;
  uint64_t reserved_bytes = 0;
  std::unordered_map<uint64_t, std::unique_ptr<Open>> opens;
  std::unordered_map<uint64_t, std::unique_ptr<LockState>> lock_states;
  std::unordered_map<plane::FileId, std::unique_ptr<FileState>, FileIdHash> files;
  size_t ranges = 0;

  std::unordered_set<Bytes> reclaimers;      // that may reclaim while `grace`
  std::unordered_set<Bytes> awaited;         // of them, those that have not completed
  rt::Nanos grace_end = 0;
  bool grace = false, grace_end_told = false;
  std::set<std::string> records_to_remove;
};

/// The mutex, and after it the pins of what was dropped under it.
class NfsState::Hold {
 public:
  explicit Hold(Tables& tables) : tables_(tables), lock_(tables.mutex) {}
  Tables* operator->() { return &tables_; }
  Tables::Pins& pins() { return pins_; }

 private:
  Tables::Pins pins_;  // before the lock, so that they go after it
  Tables& tables_;
  std::lock_guard<std::mutex> lock_;
};

}  // namespace tp::nfs::state
