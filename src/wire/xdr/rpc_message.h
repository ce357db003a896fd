// The head of an ONC RPC call and of its reply. Spec: RFC 5531 §9; record marking §11; AUTH_SYS §14 and appendix A.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "wire/xdr/xdr_reader.h"
#include "wire/xdr/xdr_writer.h"

namespace tp::wire {

enum class RpcFlavor : uint32_t { kNone = 0, kSys = 1, kShort = 2, kDh = 3, kGss = 6 };
enum class RpcAccept : uint32_t {
  kSuccess = 0,
  kProgramUnavailable = 1,
  kProgramMismatch = 2,
  kProcedureUnavailable = 3,
  kGarbageArguments = 4,
  kSystemError = 5,
};
enum class RpcAuthStatus : uint32_t { kBadCredential = 1, kRejectedCredential = 2, kBadVerifier = 3, kTooWeak = 5 };

struct AuthSys {
  uint32_t stamp = 0;
  std::string machine;             // at most 255 bytes
  uint32_t uid = 0, gid = 0;
  std::vector<uint32_t> groups;    // at most 16
};

struct RpcCallHead {
  uint32_t xid = 0;
  uint32_t rpc_version = 2;        // another one is answered by rpc_mismatch()
  uint32_t program = 0, version = 0, procedure = 0;
  RpcFlavor flavor = RpcFlavor::kNone;
  std::optional<AuthSys> sys;      // of kSys
  bool bad_credential = false;     // kSys whose body does not parse
};

/// Reads a call's head; `in` then stands at the arguments. kMalformed if it is not a call at all: there is nothing to
/// answer then.
Result<RpcCallHead> read_rpc_call(XdrReader& in);

/// Heads of replies: what follows kSuccess are the results.
void write_rpc_accepted(XdrWriter& out, uint32_t xid, RpcAccept status);
void write_rpc_program_mismatch(XdrWriter& out, uint32_t xid, uint32_t lowest, uint32_t highest);
void write_rpc_version_mismatch(XdrWriter& out, uint32_t xid);
void write_rpc_auth_error(XdrWriter& out, uint32_t xid, RpcAuthStatus status);

/// A record fragment's mark: the last-fragment bit and the length.
inline constexpr uint32_t kRpcLastFragment = 0x80000000u;

}  // namespace tp::wire
