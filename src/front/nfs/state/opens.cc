// OPEN, OPEN_DOWNGRADE, CLOSE and what an open allows. Spec: RFC 8881 §9.7 to §9.10, §18.2, §18.16, §18.18, §18.22.4.
#include <algorithm>
#include <unordered_set>
#include <utility>

#include "front/nfs/state/state_records.h"

namespace tp::nfs::state {

namespace {

constexpr uint32_t kRead = v4::kShareAccessRead, kWrite = v4::kShareAccessWrite, kBoth = v4::kShareAccessBoth;

bool valid(Share share) {
  return share.access >= 1 && share.access <= kBoth && share.deny <= kBoth;
}

/// What is left of `seen` (bit n: n was asked for) within `wanted`; nullopt unless their union is `wanted`.
std::optional<uint8_t> narrowed(uint8_t seen, uint32_t wanted) {
  uint8_t left = 0;
  uint32_t together = 0;
  for (uint32_t asked = 0; asked <= kBoth; ++asked) {
    if ((seen >> asked & 1) == 0 || (asked & ~wanted) != 0) continue;
    left = static_cast<uint8_t>(left | 1u << asked);
    together |= asked;
  }
  if (together != wanted) return std::nullopt;
  return left;
}

}  // namespace

bool NfsState::Tables::share_conflicts(const FileState& file, const Open* open, Share wanted) {
  const Share had = open == nullptr ? Share{} : open->share;
  for (unsigned bit = 0; bit < 2; ++bit) {
    const uint32_t others_deny = file.deny_count[bit] - (had.deny >> bit & 1);
    const uint32_t others_access = file.access_count[bit] - (had.access >> bit & 1);
    if ((wanted.access >> bit & 1) != 0 && others_deny > 0) return true;
    if ((wanted.deny >> bit & 1) != 0 && others_access > 0) return true;
  }
  return false;
}

bool NfsState::Tables::share_refused(plane::FileId file_id, const Client& own, const Open* open, Share wanted,
                                     Pins& pins) {
  FileState* const file = find_file(file_id);
  if (file == nullptr || !share_conflicts(*file, open, wanted)) return false;
  std::unordered_set<Client*> over;
  for (const auto& [number, other] : file->opens) {
    const bool in_the_way = (other->share.deny & wanted.access) != 0 || (other->share.access & wanted.deny) != 0;
    if (in_the_way && other->client != &own && lease_over(*other->client)) over.insert(other->client);
  }
  if (over.empty()) return true;
  for (Client* client : over) drop_client(*client, pins);
  FileState* const left = find_file(file_id);  // it goes with its last open
  return left != nullptr && share_conflicts(*left, open, wanted);
}

Status NfsState::may_open(ClientId client_id, bool reclaim) {
  Hold hold(*tables_);
  const Client* const client = hold->find_confirmed(client_id);
  return client == nullptr ? Status::kDeadSession : hold->may_take_state(*client, reclaim);
}

NfsState::Answer<StateId> NfsState::open(ClientId client_id, OpenArgs args, plane::FilePin pin) {
  Hold hold(*tables_);
  Client* const client = hold->find_confirmed(client_id);
  if (client == nullptr) return Status::kDeadSession;
  if (!valid(args.share) || args.owner.size() > options_.limits.owner_bytes) return Status::kInval;
  if (const Status status = hold->may_take_state(*client, args.reclaim); status != Status::kOk) return status;

  const plane::FileId file_id = pin.file();
  FileState* const known_file = hold->find_file(file_id);
  const auto known = client->opens.find({args.owner, known_file});
  Open* const had = known == client->opens.end() ? nullptr : known->second;
  if (hold->share_refused(file_id, *client, had, args.share, hold.pins())) {
    return args.reclaim ? Status::kReclaimConflict : Status::kShareDenied;
  }
  const auto access_bit = static_cast<uint8_t>(1u << args.share.access);
  const auto deny_bit = static_cast<uint8_t>(1u << args.share.deny);
  if (had != nullptr) {
    hold->set_share(*had, {had->share.access | args.share.access, had->share.deny | args.share.deny});
    had->seen_access |= access_bit;
    had->seen_deny |= deny_bit;
    hold.pins().push_back(std::move(pin));
    return hold->stateid_of(had->number, advance(had->seqid));
  }
  if (client->opens.size() >= options_.limits.opens_per_client || hold->opens.size() >= options_.limits.opens) {
    return Status::kNoSpc;
  }
  auto open = std::make_unique<Open>();
  Open& added = *open;
  added.number = hold->next_number++;
  added.client = client;
  added.file = &hold->file(file_id);
  added.owner = std::move(args.owner);
  added.seen_access = access_bit;
  added.seen_deny = deny_bit;
  added.kept.pin = std::move(pin);
  hold->opens.emplace(added.number, std::move(open));
  added.file->opens.emplace(added.number, &added);
  client->opens.emplace(std::pair(added.owner, added.file), &added);
  hold->set_share(added, args.share);
  return hold->stateid_of(added.number, added.seqid);
}

NfsState::Answer<StateId> NfsState::downgrade(ClientId client_id, const StateId& stateid, plane::FileId file,
                                              Share share) {
  Hold hold(*tables_);
  const Client* const client = hold->find_confirmed(client_id);
  if (client == nullptr) return Status::kDeadSession;
  const Tables::Found found = hold->find(*client, stateid, &file);
  if (found.status != Status::kOk) return found.status;
  if (found.open == nullptr) return Status::kBadStateId;
  if (!valid(share)) return Status::kInval;
  const auto access = narrowed(found.open->seen_access, share.access);
  const auto deny = narrowed(found.open->seen_deny, share.deny);
  if (!access || !deny) return Status::kInval;
  found.open->seen_access = *access;
  found.open->seen_deny = *deny;
  hold->set_share(*found.open, share);
  return hold->stateid_of(found.open->number, advance(found.open->seqid));
}

NfsState::Answer<StateId> NfsState::close(ClientId client_id, const StateId& stateid, plane::FileId file) {
  Hold hold(*tables_);
  const Client* const client = hold->find_confirmed(client_id);
  if (client == nullptr) return Status::kDeadSession;
  const Tables::Found found = hold->find(*client, stateid, &file);
  if (found.status != Status::kOk) return found.status;
  if (found.open == nullptr) return Status::kBadStateId;
  hold->drop_open(*found.open, hold.pins());
  return StateId::invalid();
}

NfsState::Answer<IoRight> NfsState::check_io(ClientId client_id, const StateId& stateid, plane::FileId file,
                                             bool write) {
  Hold hold(*tables_);
  const Client* const client = hold->find_confirmed(client_id);
  if (client == nullptr) return Status::kDeadSession;
  if (stateid.is_anonymous() || stateid.is_bypass()) {
    // A share not reclaimed yet might forbid it.
    if (hold->grace_active()) return Status::kGrace;
    if (stateid.is_bypass() && !write) return IoRight{};
    const Share wanted{write ? kWrite : kRead, 0};
    if (hold->share_refused(file, *client, nullptr, wanted, hold.pins())) return Status::kLocked;
    return IoRight{};
  }
  const Tables::Found found = hold->find(*client, stateid, &file);
  if (found.status != Status::kOk) return found.status;
  const uint32_t access = found.open != nullptr ? found.open->share.access : access_of(*found.locks);
  if (write && (access & kWrite) == 0) return Status::kOpenMode;
  // Who opened for writing only may still have to read, to fill up pages: the mode bits decide then (§18.22.4).
  const bool as_opened = write || (access & kRead) != 0;
  return IoRight{as_opened ? plane::AccessCheck::kOpened : plane::AccessCheck::kByMode};
}

}  // namespace tp::nfs::state
