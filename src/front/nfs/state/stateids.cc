// Stateids: finding what they stand for, TEST_STATEID, FREE_STATEID. Spec: RFC 8881 §8.2, §18.38, §18.48.
#include "front/nfs/state/state_records.h"

namespace tp::nfs::state {

uint32_t advance(uint32_t& seqid) {
  // 0 stands for "the latest": it is left out when the number wraps around.
  if (++seqid == 0) seqid = 1;
  return seqid;
}

uint32_t access_of(const LockState& locks) {
  uint32_t access = 0;
  for (const Open* open : locks.opens) access |= open->share.access;
  return access;
}

StateId NfsState::Tables::stateid_of(uint64_t number, uint32_t seqid) const {
  StateId id;
  id.seqid = seqid;
  put_be(id.other.data(), epoch);
  put_be(id.other.data() + 4, number);
  return id;
}

NfsState::Tables::Found NfsState::Tables::find(const Client& client, const StateId& stateid,
                                               const plane::FileId* file) {
  // Special ones, another start's and made-up ones lead nowhere. NFSv4.1 has no kStaleStateId: who has state of an
  // earlier start has a session of it, and learns from SEQUENCE (§15.1.16.5).
  if (get_be<uint32_t>(stateid.other.data()) != epoch) return {};
  const auto number = get_be<uint64_t>(stateid.other.data() + 4);
  Found found;
  const Client* owner = nullptr;
  const FileState* of = nullptr;
  uint32_t seqid = 0;
  if (const auto open = opens.find(number); open != opens.end()) {
    found.open = open->second.get();
    owner = found.open->client;
    of = found.open->file;
    seqid = found.open->seqid;
  } else if (const auto locks = lock_states.find(number); locks != lock_states.end()) {
    found.locks = locks->second.get();
    owner = found.locks->client;
    of = found.locks->file;
    seqid = found.locks->seqid;
  }
  if (owner != &client || (file != nullptr && of->file != *file)) return {};
  if (stateid.seqid != 0 && stateid.seqid != seqid) {
    // Numbers wrap around: the nearer side decides between one of the past and one that was never given.
    const bool old = static_cast<int32_t>(seqid - stateid.seqid) > 0;
    return {.status = old ? Status::kOldStateId : Status::kBadStateId};
  }
  found.status = Status::kOk;
  return found;
}

LockState* NfsState::Tables::find_locks(const Client& client, const Bytes& owner, const FileState& file) {
  const auto known = client.lock_owners.find(owner);
  if (known == client.lock_owners.end()) return nullptr;
  const auto locks = file.locks.find(known->second.number);
  return locks == file.locks.end() ? nullptr : locks->second;
}

Status NfsState::test_stateid(ClientId client_id, const StateId& stateid) {
  Hold hold(*tables_);
  const Client* const client = hold->find_confirmed(client_id);
  return client == nullptr ? Status::kDeadSession : hold->find(*client, stateid, nullptr).status;
}

Status NfsState::free_stateid(ClientId client_id, const StateId& stateid) {
  Hold hold(*tables_);
  const Client* const client = hold->find_confirmed(client_id);
  if (client == nullptr) return Status::kDeadSession;
  const Tables::Found found = hold->find(*client, stateid, nullptr);
  if (found.status != Status::kOk) return found.status;
  if (found.open != nullptr) return Status::kLocksHeld;
  if (found.locks->file->ranges.count(found.locks->owner_number) > 0) return Status::kLocksHeld;
  hold->drop_lock_state(*found.locks);
  return Status::kOk;
}

}  // namespace tp::nfs::state
