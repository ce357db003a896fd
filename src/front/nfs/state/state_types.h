// What the state model takes and gives: ids, stateids, shares, ranges, channels. Plain values; the operations encode
// them. Spec: RFC 8881 §2.10 (sessions), §8.2 (stateids), §9 (shares and byte ranges).
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

#include "base/bytes.h"
#include "base/strong_id.h"
#include "front/nfs/v4/protocol.h"

namespace tp::nfs::state {

using v4::Status;

/// clientid4. Upper half: the store's start, so that no two starts give the same.
using ClientId = StrongId<struct ClientIdTag>;

struct SessionId {
  std::array<char, 16> bytes{};
  BytesView view() const { return {bytes.data(), bytes.size()}; }
  /// `wire` has 16 bytes.
  static SessionId from(BytesView wire) {
    SessionId id;
    std::memcpy(id.bytes.data(), wire.data(), std::min(wire.size(), id.bytes.size()));
    return id;
  }
  friend auto operator<=>(const SessionId&, const SessionId&) = default;
};

/// stateid4. `other` of a real one: the store's start (4 bytes), a number (8), big endian.
struct StateId {
  uint32_t seqid = 0;
  std::array<char, 12> other{};

  /// Nobody's: I/O without an open. All zero.
  static StateId anonymous() { return {}; }
  /// READ past locks and shares. All ones.
  static StateId bypass() {
    StateId id{UINT32_MAX, {}};
    id.other.fill(static_cast<char>(0xff));
    return id;
  }
  /// "The current stateid": the operations replace it before they come here.
  static StateId current() { return {1, {}}; }
  /// What CLOSE answers: never valid.
  static StateId invalid() { return {UINT32_MAX, {}}; }
  static StateId from(uint32_t seqid, BytesView other_wire) {
    StateId id{seqid, {}};
    std::memcpy(id.other.data(), other_wire.data(), std::min(other_wire.size(), id.other.size()));
    return id;
  }
  BytesView other_view() const { return {other.data(), other.size()}; }
  bool is_anonymous() const { return *this == anonymous(); }
  bool is_bypass() const { return *this == bypass(); }
  bool is_current() const { return *this == current(); }
  friend bool operator==(const StateId&, const StateId&) = default;
};

/// OPEN4_SHARE_ACCESS_*, OPEN4_SHARE_DENY_*: 1 read, 2 write. Delegation wishes are stripped before.
struct Share {
  uint32_t access = 0, deny = 0;
  friend bool operator==(const Share&, const Share&) = default;
};

enum class LockKind : uint8_t { kRead = 0, kWrite = 1 };

/// Bytes as LOCK names them: `length` UINT64_MAX is to the end of the file, however far that grows.
struct WireRange {
  uint64_t offset = 0, length = 0;
};

/// LOCK4denied.
struct LockDenied {
  WireRange range;
  LockKind kind = LockKind::kRead;
  ClientId client;
  Bytes owner;
};

/// channel_attrs4 without header padding and RDMA.
struct ChannelAttributes {
  uint32_t max_request_bytes = 0, max_response_bytes = 0, max_cached_bytes = 0, max_operations = 0, max_requests = 0;
};

struct ExchangeIdArgs {
  Bytes owner;                         // co_ownerid, at most 1024 bytes
  std::array<char, 8> verifier{};      // co_verifier
  Bytes principal;                     // who asks, in any form that tells principals apart ("sys:0")
  uint32_t flags = 0;                  // eia_flags as sent: unknown bits are kInval here
};
struct ExchangeIdResult {
  ClientId client;
  uint32_t sequence = 0;               // for the first CREATE_SESSION
  uint32_t flags = 0;                  // eir_flags
};

struct CreateSessionArgs {
  ClientId client;
  uint32_t sequence = 0;
  Bytes principal;
  uint32_t flags = 0;                  // csa_flags: none is granted
  ChannelAttributes fore, back;
};
struct CreateSessionResult {
  SessionId session;
  uint32_t sequence = 0;
  uint32_t flags = 0;                  // csr_flags
  ChannelAttributes fore, back;
};

struct SequenceArgs {
  SessionId session;
  uint32_t sequence = 0, slot = 0, highest_slot = 0;
  bool cache_this = false;
  /// A hash of the whole COMPOUND's arguments and of the principal: tells a retry from another request.
  uint64_t fingerprint = 0;
};

struct LockArgs {
  StateId stateid;                     // new_owner: of the open; else of the locks
  bool new_owner = false;
  Bytes owner;                         // new_owner: lock_owner4.owner, at most 1024 bytes
  bool reclaim = false;
  LockKind kind = LockKind::kRead;     // READW and WRITEW too: clients poll
  WireRange range;
};

}  // namespace tp::nfs::state
