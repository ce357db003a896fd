#include "front/nfs/state/nfs_state.h"

#include <algorithm>
#include <utility>

#include "front/nfs/state/state_records.h"

namespace tp::nfs::state {

namespace {

/// Neither 0 nor all ones, which special stateids have.
uint32_t epoch_of(uint64_t start_number) {
  return static_cast<uint32_t>(start_number % 0xfffffffeULL) + 1;
}

void count_share(FileState& file, Share share, int by) {
  for (unsigned bit = 0; bit < 2; ++bit) {
    if (share.access >> bit & 1) file.access_count[bit] += static_cast<uint32_t>(by);
    if (share.deny >> bit & 1) file.deny_count[bit] += static_cast<uint32_t>(by);
  }
}

}  // namespace

NfsState::Tables::Tables(const NfsStateOptions& options_in)
    : options(options_in), epoch(epoch_of(options_in.start_number)) {
  for (const Bytes& owner : options.reclaimers) reclaimers.insert(owner);
  awaited = reclaimers;
  grace_end = options.clock->now() + options.grace;
  grace = true;
  if (awaited.empty()) end_grace();
}

// Time.

bool NfsState::Tables::lease_over(const Client& client) const {
  return client.running == 0 && options.clock->now() - client.renewed > options.lease;
}

bool NfsState::Tables::grace_active() {
  if (grace && options.clock->now() >= grace_end) end_grace();
  return grace;
}

void NfsState::Tables::end_grace() {
  grace = false;
  reclaimers.clear();
  awaited.clear();
  // Who did not come back must not reclaim at the next start what others may have had in between (RFC 8881 §8.4.3).
  records_to_remove.insert(options.old_records.begin(), options.old_records.end());
}

Status NfsState::Tables::may_take_state(const Client& client, bool reclaim) {
  const bool in_grace = grace_active();
  if (reclaim) return in_grace && client.may_reclaim && !client.reclaim_complete ? Status::kOk : Status::kNoGrace;
  return in_grace || !client.reclaim_complete ? Status::kGrace : Status::kOk;
}

// Clients.

Client* NfsState::Tables::find_client(ClientId id) {
  const auto found = clients.find(id);
  return found == clients.end() ? nullptr : found->second.get();
}

Client* NfsState::Tables::find_confirmed(ClientId id) {
  Client* const client = find_client(id);
  return client != nullptr && client->confirmed ? client : nullptr;
}

Client& NfsState::Tables::add_unconfirmed(const ExchangeIdArgs& args) {
  auto client = std::make_unique<Client>();
  client->id = ClientId(options.start_number << 32 | next_client++);
  client->owner = args.owner;
  client->principal = args.principal;
  client->verifier = args.verifier;
  client->may_reclaim = grace && reclaimers.contains(args.owner);
  renew(*client);
  Client& added = *client;
  clients.emplace(added.id, std::move(client));
  unconfirmed[added.owner] = &added;
  unconfirmed_by_age.emplace(added.id.value, &added);
  return added;
}

void NfsState::Tables::confirm(Client& client) {
  unconfirmed.erase(client.owner);
  unconfirmed_by_age.erase({client.id.value, &client});
  client.confirmed = true;
  confirmed[client.owner] = &client;
}

bool NfsState::Tables::make_room_for_client(Pins& pins) {
  if (clients.size() < options.limits.clients) return true;
  if (!unconfirmed_by_age.empty()) {
    drop_client(*unconfirmed_by_age.begin()->second, pins);
    return true;
  }
  std::vector<Client*> over;
  for (const auto& [id, client] : clients) {
    if (lease_over(*client)) over.push_back(client.get());
  }
  for (Client* client : over) drop_client(*client, pins);
  return !over.empty();
}

void NfsState::Tables::drop_client(Client& client, Pins& pins) {
  while (!client.opens.empty()) drop_open(*client.opens.begin()->second, pins);
  while (!client.sessions.empty()) drop_session(*sessions.at(client.sessions.back()));
  if (client.record_begun) records_to_remove.insert(record_name(client));
  if (client.confirmed) {
    confirmed.erase(client.owner);
  } else {
    unconfirmed.erase(client.owner);
    unconfirmed_by_age.erase({client.id.value, &client});
  }
  clients.erase(client.id);
}

std::string NfsState::Tables::record_name(const Client& client) const {
  Bytes id;
  append_be(id, client.id.value);
  return "nfs4/client/" + to_hex(id);
}

// Files.

FileState& NfsState::Tables::file(plane::FileId id) {
  auto& entry = files[id];
  if (!entry) {
    entry = std::make_unique<FileState>();
    entry->file = id;
  }
  return *entry;
}

FileState* NfsState::Tables::find_file(plane::FileId id) {
  const auto found = files.find(id);
  return found == files.end() ? nullptr : found->second.get();
}

void NfsState::Tables::forget_if_idle(FileState& file) {
  if (file.opens.empty() && file.locks.empty()) files.erase(plane::FileId(file.file));
}

void NfsState::Tables::set_share(Open& open, Share share) {
  count_share(*open.file, open.share, -1);
  open.share = share;
  count_share(*open.file, open.share, 1);
}

void NfsState::Tables::drop_open(Open& open, Pins& pins) {
  for (LockState* locks : std::exchange(open.locks, {})) {
    std::erase(locks->opens, &open);
    if (locks->opens.empty()) drop_lock_state(*locks);
  }
  FileState& file = *open.file;
  set_share(open, {});
  file.opens.erase(open.number);
  open.client->opens.erase({open.owner, &file});
  pins.push_back(std::move(open.kept.pin));
  opens.erase(open.number);
  forget_if_idle(file);
}

void NfsState::Tables::drop_lock_state(LockState& locks) {
  const size_t before = locks.file->ranges.count(locks.owner_number);
  locks.file->ranges.drop(locks.owner_number);
  count_ranges(locks, before);
  for (Open* open : locks.opens) std::erase(open->locks, &locks);
  locks.file->locks.erase(locks.owner_number);
  Client& client = *locks.client;
  --client.lock_states;
  const auto owner = client.lock_owners.find(locks.owner);
  if (--owner->second.states == 0) client.lock_owners.erase(owner);
  lock_states.erase(locks.number);
}

void NfsState::Tables::count_ranges(LockState& locks, size_t before) {
  const size_t after = locks.file->ranges.count(locks.owner_number);
  locks.client->ranges += static_cast<uint32_t>(after - before);  // wraps where it shrinks
  ranges += after - before;
}

// NfsState.

NfsState::NfsState(NfsStateOptions options)
    : options_(std::move(options)), tables_(std::make_unique<Tables>(options_)) {}

NfsState::~NfsState() = default;

NfsState::SweepResult NfsState::sweep() {
  Hold hold(*tables_);
  std::vector<Client*> over;
  for (const auto& [id, client] : hold->clients) {
    if (!hold->lease_over(*client)) continue;
    const bool patient = !client->opens.empty();  // only state is worth waiting for
    const rt::Nanos due = client->renewed + options_.lease + (patient ? options_.courtesy : 0);
    if (options_.clock->now() > due) over.push_back(client.get());
  }
  for (Client* client : over) hold->drop_client(*client, hold.pins());
  SweepResult result;
  result.grace_ended = !hold->grace_active() && !std::exchange(hold->grace_end_told, true);
  result.records_to_settle = !hold->records_to_remove.empty();
  return result;
}

bool NfsState::in_grace() {
  Hold hold(*tables_);
  return hold->grace_active();
}

bool NfsState::needs_settle(ClientId client_id) {
  Hold hold(*tables_);
  hold->grace_active();
  if (!hold->records_to_remove.empty()) return true;
  const Client* const client = hold->find_confirmed(client_id);
  return client != nullptr && !client->recorded && !client->opens.empty();
}

NfsState::RecordWork NfsState::record_work(ClientId client_id) {
  Hold hold(*tables_);
  RecordWork work;
  work.remove.assign(hold->records_to_remove.begin(), hold->records_to_remove.end());
  Client* const client = hold->find_confirmed(client_id);
  if (client != nullptr && !client->recorded && !client->opens.empty()) {
    client->record_begun = true;
    work.write = hold->record_name(*client);
    work.owner = client->owner;
  }
  return work;
}

void NfsState::record_done(ClientId client_id, const RecordWork& work) {
  Hold hold(*tables_);
  for (const std::string& name : work.remove) hold->records_to_remove.erase(name);
  if (work.write.empty()) return;
  Client* const client = hold->find_confirmed(client_id);
  if (client != nullptr) {
    client->recorded = true;
  } else {
    hold->records_to_remove.insert(work.write);  // it went while its record was written
  }
}

NfsState::Stats NfsState::stats() {
  Hold hold(*tables_);
  Stats stats;
  stats.clients = hold->clients.size();
  stats.sessions = hold->sessions.size();
  stats.opens = hold->opens.size();
  stats.lock_states = hold->lock_states.size();
  stats.ranges = hold->ranges;
  stats.reply_cache_bytes = hold->reserved_bytes;
  return stats;
}

}  // namespace tp::nfs::state
