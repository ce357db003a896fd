// LOCK, LOCKT, LOCKU: advisory locks of byte ranges. Nothing waits: clients poll. Spec: RFC 8881 §9.1 to §9.6, §18.10
// to §18.12.
#include <algorithm>
#include <utility>

#include "front/nfs/state/state_records.h"

namespace tp::nfs::state {

namespace {

/// Beyond, kServerFault: a search for conflicts looks at every owner.
constexpr size_t kLockOwnersPerFile = 16384;

void tell(const FileState& file, const RangeLocks::Held& held, LockDenied* denied) {
  const LockState& locks = *file.locks.at(held.owner);
  *denied = {wire_range_of(held.range), held.kind, locks.client->id, locks.owner};
}

}  // namespace

std::optional<RangeLocks::Held> NfsState::Tables::range_conflict(plane::FileId file_id, const Client& own,
                                                                 uint64_t owner, ByteRange range, LockKind kind,
                                                                 Pins& pins) {
  for (;;) {
    const FileState* const file = find_file(file_id);
    if (file == nullptr) return std::nullopt;
    const auto held = file->ranges.conflict(owner, range, kind);
    if (!held) return std::nullopt;
    Client* const holder = file->locks.at(held->owner)->client;
    if (holder == &own || !lease_over(*holder)) return held;
    drop_client(*holder, pins);
  }
}

LockState& NfsState::Tables::add_lock_state(Open& open, const Bytes& owner) {
  LockOwner& lock_owner = open.client->lock_owners[owner];
  if (lock_owner.states++ == 0) lock_owner.number = next_owner++;
  auto locks = std::make_unique<LockState>();
  LockState& added = *locks;
  added.number = next_number++;
  added.client = open.client;
  added.file = open.file;
  added.owner_number = lock_owner.number;
  added.owner = owner;
  lock_states.emplace(added.number, std::move(locks));
  open.file->locks.emplace(added.owner_number, &added);
  ++open.client->lock_states;
  return added;
}

bool NfsState::Tables::locks_have_room(const Client& client, const FileState& file, bool new_state) const {
  if (client.ranges + 2 > options.limits.ranges_per_client) return false;  // one lock may split another in three
  if (!new_state) return true;
  return client.lock_states < options.limits.lock_states_per_client && file.locks.size() < kLockOwnersPerFile;
}

NfsState::Answer<StateId> NfsState::lock(ClientId client_id, const LockArgs& args, plane::FileId file_id,
                                         LockDenied* denied) {
  Hold hold(*tables_);
  Client* const client = hold->find_confirmed(client_id);
  if (client == nullptr) return Status::kDeadSession;
  const auto range = byte_range_of(args.range);
  if (!range || args.owner.size() > options_.limits.owner_bytes) return Status::kInval;
  const Tables::Found found = hold->find(*client, args.stateid, &file_id);
  if (found.status != Status::kOk) return found.status;
  if ((found.open != nullptr) != args.new_owner) return Status::kBadStateId;
  if (const Status status = hold->may_take_state(*client, args.reclaim); status != Status::kOk) return status;

  LockState* locks = found.locks;
  if (args.new_owner) locks = hold->find_locks(*client, args.owner, *found.open->file);
  const uint32_t access = found.open != nullptr ? found.open->share.access : access_of(*found.locks);
  const uint32_t needed = args.kind == LockKind::kWrite ? v4::kShareAccessWrite : v4::kShareAccessRead;
  if ((access & needed) == 0) return Status::kOpenMode;

  const uint64_t number = locks == nullptr ? 0 : locks->owner_number;
  const auto held = hold->range_conflict(file_id, *client, number, *range, args.kind, hold.pins());
  FileState& file = *(found.open != nullptr ? found.open->file : found.locks->file);
  if (held) {
    tell(file, *held, denied);
    return args.reclaim ? Status::kReclaimConflict : Status::kDenied;
  }
  if (!hold->locks_have_room(*client, file, locks == nullptr)) return Status::kServerFault;
  const bool fresh = locks == nullptr;
  if (fresh) locks = &hold->add_lock_state(*found.open, args.owner);
  if (found.open != nullptr && std::find(locks->opens.begin(), locks->opens.end(), found.open) == locks->opens.end()) {
    locks->opens.push_back(found.open);
    found.open->locks.push_back(locks);
  }
  const size_t before = file.ranges.count(locks->owner_number);
  file.ranges.set(locks->owner_number, *range, args.kind);
  hold->count_ranges(*locks, before);
  return hold->stateid_of(locks->number, fresh ? locks->seqid : advance(locks->seqid));
}

Status NfsState::test_lock(ClientId client_id, const Bytes& owner, plane::FileId file_id, LockKind kind,
                           WireRange wire_range, LockDenied* denied) {
  Hold hold(*tables_);
  Client* const client = hold->find_confirmed(client_id);
  if (client == nullptr) return Status::kDeadSession;
  const auto range = byte_range_of(wire_range);
  if (!range || owner.size() > options_.limits.owner_bytes) return Status::kInval;
  if (hold->grace_active()) return Status::kGrace;
  const auto known = client->lock_owners.find(owner);
  const uint64_t number = known == client->lock_owners.end() ? 0 : known->second.number;
  const auto held = hold->range_conflict(file_id, *client, number, *range, kind, hold.pins());
  if (!held) return Status::kOk;
  tell(*hold->find_file(file_id), *held, denied);
  return Status::kDenied;
}

NfsState::Answer<StateId> NfsState::unlock(ClientId client_id, const StateId& stateid, plane::FileId file,
                                           WireRange wire_range) {
  Hold hold(*tables_);
  const Client* const client = hold->find_confirmed(client_id);
  if (client == nullptr) return Status::kDeadSession;
  const auto range = byte_range_of(wire_range);
  if (!range) return Status::kInval;
  const Tables::Found found = hold->find(*client, stateid, &file);
  if (found.status != Status::kOk) return found.status;
  if (found.locks == nullptr) return Status::kBadStateId;
  LockState& locks = *found.locks;
  const size_t before = locks.file->ranges.count(locks.owner_number);
  // Unlocking the middle of a range makes two: not without end.
  const bool everything = *range == ByteRange{0, UINT64_MAX};
  if (!everything && client->ranges + 1 > options_.limits.ranges_per_client) return Status::kServerFault;
  locks.file->ranges.clear(locks.owner_number, *range);
  hold->count_ranges(locks, before);
  return hold->stateid_of(locks.number, advance(locks.seqid));
}

}  // namespace tp::nfs::state
