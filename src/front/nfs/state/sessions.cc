// Sessions: making and ending them, SEQUENCE and its slots, BIND_CONN_TO_SESSION. Spec: RFC 8881 §2.10, §18.34, §18.36,
// §18.37, §18.46.
#include <algorithm>
#include <utility>

#include "front/nfs/state/state_records.h"
#include "rt/env/rng.h"

namespace tp::nfs::state {

Session* NfsState::Tables::find_session(const SessionId& id) {
  const auto found = sessions.find(id);
  return found == sessions.end() ? nullptr : found->second.get();
}

Session* NfsState::Tables::add_session(Client& client, const CreateSessionArgs& args) {
  const NfsStateLimits& most = options.limits;
  if (client.sessions.size() >= most.sessions_per_client) return nullptr;
  ChannelAttributes limits;
  limits.max_request_bytes = std::min(args.fore.max_request_bytes, most.max_request_bytes);
  limits.max_response_bytes = std::min(args.fore.max_response_bytes, most.max_response_bytes);
  limits.max_cached_bytes = std::min({args.fore.max_cached_bytes, limits.max_response_bytes, most.max_cached_bytes});
  limits.max_operations = std::min(args.fore.max_operations, most.max_operations);
  limits.max_requests = std::min(args.fore.max_requests, most.slots);
  // All slots together keep to a limit: the fuller it is, the fewer slots a new session gets, and at last none.
  const uint64_t left = most.reply_cache_bytes - std::min(most.reply_cache_bytes, reserved_bytes);
  if (limits.max_cached_bytes > 0) {
    if (left < limits.max_cached_bytes) return nullptr;
    const uint64_t affordable = std::max<uint64_t>(left / 8 / limits.max_cached_bytes, 1);
    limits.max_requests = static_cast<uint32_t>(std::min<uint64_t>(limits.max_requests, affordable));
  }
  SessionId id;
  rt::secure_random(MutableBytes(id.bytes));  // not to be guessed: whoever knows it may use the session
  put_be(id.bytes.data(), epoch);
  put_be(id.bytes.data() + 4, next_session++);
  const uint64_t reserve = uint64_t{limits.max_requests} * limits.max_cached_bytes;
  reserved_bytes += reserve;
  client.sessions.push_back(id);
  auto& added = sessions[id];
  added.reset(new Session{id, &client, SlotTable(limits.max_requests), limits, reserve});
  return added.get();
}

void NfsState::Tables::drop_session(Session& session) {
  Client& client = *session.client;
  client.running -= session.slots.running();
  std::erase(client.sessions, session.id);
  reserved_bytes -= session.reserved_bytes;
  sessions.erase(SessionId(session.id));
}

NfsState::Answer<SequenceResult> NfsState::sequence(const SequenceArgs& args) {
  Hold hold(*tables_);
  Session* const session = hold->find_session(args.session);
  if (session == nullptr) return Status::kBadSession;
  if (args.slot >= session->slots.size()) return Status::kBadSlot;
  if (args.highest_slot >= session->slots.size()) return Status::kBadHighSlot;
  SequenceResult result;
  switch (session->slots.begin(args.slot, args.sequence, args.fingerprint)) {
    case SlotTable::Verdict::kMisordered:
      return Status::kSeqMisordered;
    case SlotTable::Verdict::kFalseRetry:
      return Status::kSeqFalseRetry;
    case SlotTable::Verdict::kUncached:
      return Status::kRetryUncachedRep;
    case SlotTable::Verdict::kRunning:
      return Status::kDelay;
    case SlotTable::Verdict::kReplay:
      result.kind = SequenceResult::Kind::kReplay;
      result.replay = session->slots.reply(args.slot);
      break;
    case SlotTable::Verdict::kNew:
      ++session->client->running;
      result.use.state_ = this;
      result.use.session_ = args.session;
      result.use.slot_ = args.slot;
      result.use.cache_ = args.cache_this;
      break;
  }
  hold->renew(*session->client);
  result.client = session->client->id;
  result.highest_slot = result.target_highest_slot = session->slots.size() - 1;
  result.limits = session->limits;
  return result;
}

Status NfsState::destroy_session(const SessionId& session_id, const SlotUse* own) {
  Hold hold(*tables_);
  Session* const session = hold->find_session(session_id);
  if (session == nullptr) return Status::kBadSession;
  const uint32_t own_slots = own != nullptr && *own && own->session_ == session_id ? 1 : 0;
  if (session->slots.running() > own_slots) return Status::kDelay;
  hold->drop_session(*session);
  return Status::kOk;
}

NfsState::Answer<uint32_t> NfsState::bind_connection(const SessionId& session_id, uint32_t direction) {
  constexpr uint32_t kFore = 1, kForeOrBoth = 3, kBackOrBoth = 7;
  Hold hold(*tables_);
  Session* const session = hold->find_session(session_id);
  if (session == nullptr) return Status::kBadSession;
  if (direction == kFore || direction == kForeOrBoth) return kFore;
  if (direction == kBackOrBoth) return kForeOrBoth;  // CDFS4_BOTH: granted, never used
  return Status::kInval;
}

// Slots.

void NfsState::finish_slot(const SessionId& session_id, uint32_t slot, bool cache, const BytesView* reply) {
  Hold hold(*tables_);
  Session* const session = hold->find_session(session_id);
  if (session == nullptr) return;  // destroyed by this very request, or with its client
  const bool keep =
      cache && reply != nullptr && !reply->empty() && reply->size() <= session->limits.max_cached_bytes;
  session->slots.finish(slot, keep ? reply : nullptr);
  --session->client->running;
  hold->renew(*session->client);
}

SlotUse::SlotUse(SlotUse&& other) noexcept {
  *this = std::move(other);
}

SlotUse& SlotUse::operator=(SlotUse&& other) noexcept {
  std::swap(state_, other.state_);
  std::swap(session_, other.session_);
  std::swap(slot_, other.slot_);
  std::swap(cache_, other.cache_);
  return *this;
}

SlotUse::~SlotUse() {
  if (state_ != nullptr) state_->finish_slot(session_, slot_, false, nullptr);
}

void SlotUse::finish(BytesView reply) {
  if (NfsState* const state = std::exchange(state_, nullptr)) state->finish_slot(session_, slot_, cache_, &reply);
}

}  // namespace tp::nfs::state
