// EXCHANGE_ID, CREATE_SESSION's part about the client, DESTROY_CLIENTID, RECLAIM_COMPLETE. Spec: RFC 8881 §18.35.4,
// §18.36.4, §18.50, §18.51.
#include "front/nfs/state/state_records.h"

namespace tp::nfs::state {

namespace {

ExchangeIdResult exchanged(const Client& client) {
  ExchangeIdResult result;
  result.client = client.id;
  result.sequence = client.create_sequence + 1;
  result.flags = v4::kExchangeUseNonPnfs | (client.confirmed ? v4::kExchangeConfirmed : 0);
  return result;
}

/// The update cases: the client must be there, and the same.
Status may_update(const Client* client, const ExchangeIdArgs& args) {
  if (client == nullptr) return Status::kNoEnt;
  if (client->verifier != args.verifier) return Status::kNotSame;
  if (client->principal != args.principal) return Status::kPerm;
  return Status::kOk;
}

}  // namespace

NfsState::Answer<ExchangeIdResult> NfsState::exchange_id(const ExchangeIdArgs& args) {
  if (args.owner.size() > options_.limits.owner_bytes) return Status::kInval;
  if ((args.flags & ~v4::kExchangeClientFlags) != 0) return Status::kInval;
  Hold hold(*tables_);
  hold->grace_active();
  const auto found = hold->confirmed.find(args.owner);
  Client* const known = found == hold->confirmed.end() ? nullptr : found->second;
  if ((args.flags & v4::kExchangeUpdateConfirmed) != 0) {
    if (const Status status = may_update(known, args); status != Status::kOk) return status;
    hold->renew(*known);
    return exchanged(*known);
  }
  if (known != nullptr) {
    if (known->principal != args.principal) {
      // Another's: it may have the name when that one left nothing behind.
      if (!known->opens.empty() && !hold->lease_over(*known)) return Status::kClidInUse;
      hold->drop_client(*known, hold.pins());
    } else if (known->verifier == args.verifier) {
      hold->renew(*known);
      return exchanged(*known);
    }
    // Else the client has restarted: what it had stays until the new one is confirmed.
  }
  if (const auto old = hold->unconfirmed.find(args.owner); old != hold->unconfirmed.end()) {
    hold->drop_client(*old->second, hold.pins());
  }
  if (!hold->make_room_for_client(hold.pins())) return Status::kDelay;
  return exchanged(hold->add_unconfirmed(args));
}

NfsState::Answer<CreateSessionResult> NfsState::create_session(const CreateSessionArgs& args) {
  Hold hold(*tables_);
  Client* const client = hold->find_client(args.client);
  if (client == nullptr) return Status::kStaleClientId;
  if (args.sequence == client->create_sequence && client->created) {
    hold->renew(*client);
    return client->create_reply;
  }
  if (args.sequence != client->create_sequence + 1) return Status::kSeqMisordered;
  if (!client->confirmed && client->principal != args.principal) return Status::kClidInUse;
  constexpr uint32_t kKnownFlags = v4::kSessionPersist | v4::kSessionBackChannel | v4::kSessionRdma;
  if ((args.flags & ~kKnownFlags) != 0 || args.fore.max_requests == 0) return Status::kInval;
  constexpr uint32_t kLeastBytes = 256;
  if (args.fore.max_request_bytes < kLeastBytes || args.fore.max_response_bytes < kLeastBytes ||
      args.fore.max_operations == 0) {
    return Status::kTooSmall;
  }
  // A failure up to here or in making the session changes nothing: the client tries again with the same sequence.
  const Session* const session = hold->add_session(*client, args);
  if (session == nullptr) return Status::kNoSpc;
  if (!client->confirmed) {
    if (const auto old = hold->confirmed.find(client->owner); old != hold->confirmed.end()) {
      hold->drop_client(*old->second, hold.pins());
    }
    hold->confirm(*client);
  }
  hold->renew(*client);
  client->create_sequence = args.sequence;
  client->created = true;
  client->create_reply = {session->id, args.sequence, 0, session->limits, args.back};
  return client->create_reply;
}

Status NfsState::destroy_client(ClientId client_id) {
  Hold hold(*tables_);
  Client* const client = hold->find_client(client_id);
  if (client == nullptr) return Status::kStaleClientId;
  if (!client->sessions.empty() || !client->opens.empty()) return Status::kClientIdBusy;
  hold->drop_client(*client, hold.pins());
  return Status::kOk;
}

Status NfsState::reclaim_complete(ClientId client_id, bool one_file_system) {
  Hold hold(*tables_);
  Client* const client = hold->find_confirmed(client_id);
  if (client == nullptr) return Status::kDeadSession;
  if (one_file_system) return Status::kOk;
  if (std::exchange(client->reclaim_complete, true)) return Status::kCompleteAlready;
  hold->awaited.erase(client->owner);
  if (hold->grace_active() && hold->awaited.empty()) hold->end_grace();
  return Status::kOk;
}

}  // namespace tp::nfs::state
