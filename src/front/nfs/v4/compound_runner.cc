#include "front/nfs/v4/compound_runner.h"

#include <spdlog/spdlog.h>

#include "front/nfs/core/log_text.h"
#include "front/nfs/v4/ops/op_table.h"

namespace tp::nfs::v4 {
namespace {

constexpr size_t kMaxTagBytes = 1024;
/// An operation's number and its status: what every further operation needs at least.
constexpr uint64_t kResultHeadBytes = 8;
/// The largest result of an operation that changes something.
constexpr uint64_t kChangeResultBytes = 192;

/// What is wrong with where the operation stands.
Status check_standing(const Compound& compound, const OpEntry& op) {
  const bool first = compound.number == 0;
  switch (op.standing) {
    case Standing::kFirst: return first ? Status::kOk : Status::kSequencePos;
    case Standing::kInSession: return compound.in_session ? Status::kOk : Status::kOpNotInSession;
    case Standing::kAnywhere: return compound.in_session || compound.operations == 1 ? Status::kOk : Status::kNotOnlyOp;
    case Standing::kAlone: return compound.operations == 1 ? Status::kOk : Status::kNotOnlyOp;
  }
  return Status::kServerFault;
}

/// The session's limits of a request are held against its second operation: the slot has moved on by then, so that the
/// client and the server agree on its number.
Status check_limits(const Compound& compound, const OpEntry& op) {
  if (compound.number == 1) {
    if (compound.operations > compound.operations_limit) return Status::kTooManyOps;
    if (compound.call.arguments.size() > compound.request_limit_bytes) return Status::kReqTooBig;
  }
  return op.changes && compound.in_session ? compound.room_for(kChangeResultBytes) : Status::kOk;
}

Task<Status> run_op(Compound& compound, const OpEntry& op) {
  if (op.at_once != nullptr) co_return op.at_once(compound);
  if (op.later == nullptr) co_return Status::kNotSupp;
  const Result<Status> status = co_await op.later(compound);
  if (status) co_return *status;
  const Status answer = status4_of(status.error());
  if (is_server_failure(answer)) spdlog::error("nfs: {}: {}", op.name, log_text(status.error().to_string()));
  co_return answer;
}

/// One operation with its result. `written`: whether there is one.
Task<Status> run_one(Compound& compound, bool* written) {
  *written = false;
  const uint32_t number = compound.in.u32();
  if (!compound.in.good()) co_return Status::kBadXdr;
  const OpEntry* op = find_op(number, compound.minor);
  wire::XdrWriter* out = &compound.out();
  const size_t start = out->size();
  out->u32(op == nullptr ? static_cast<uint32_t>(Op::kIllegal) : number);
  const size_t status_at = out->reserve_u32();
  const size_t results_at = out->size();
  const size_t sealed_bytes = compound.reply.size() - results_at;
  *written = true;
  Status status = op == nullptr ? Status::kOpIllegal : check_standing(compound, *op);
  if (status == Status::kOk) status = check_limits(compound, *op);
  compound.keep_results = false;
  if (status == Status::kOk) {
    TP_CO_TRY(status, co_await run_op(compound, *op));
    if (compound.replay) co_return Status::kOk;
  }
  if (status != Status::kOk) {
    if (!compound.keep_results) out->truncate(results_at);
    out->set_u32(status_at, static_cast<uint32_t>(status));
    co_return status;
  }
  // A READ whose data do not lie in the writer has made sure of its room itself.
  const bool sealed = compound.reply.size() - out->size() != sealed_bytes;
  const uint64_t next = compound.last_operation() ? 0 : kResultHeadBytes;
  if (!sealed && compound.number > 0 && compound.room_for(next) != Status::kOk) {
    out->truncate(start);
    out->u32(number);
    out->u32(static_cast<uint32_t>(compound.too_big()));
    co_return compound.too_big();
  }
  co_return status;
}

struct Head {
  Bytes tag;
  bool good = false;
};
Head read_head(Compound& compound) {
  Head head;
  head.tag = Bytes(compound.in.opaque(kMaxTagBytes));
  compound.minor = compound.in.u32();
  compound.operations = compound.in.u32();
  head.good = compound.in.good();
  return head;
}

}  // namespace

Task<void> run_compound(Compound& compound) {
  wire::XdrWriter& out = compound.out();
  const Head head = read_head(compound);
  const uint32_t xid = compound.call.head.xid;
  if (!head.good) {
    wire::write_rpc_accepted(out, xid, wire::RpcAccept::kGarbageArguments);
    co_return ok;
  }
  wire::write_rpc_accepted(out, xid, wire::RpcAccept::kSuccess);
  const size_t body_at = out.size();
  const size_t status_at = compound.reply.reserve_u32();
  out.opaque(head.tag);
  const size_t count_at = compound.reply.reserve_u32();
  Status status = compound.minor == 1 || compound.minor == 2 ? Status::kOk : Status::kMinorVersMismatch;
  uint32_t results = 0;
  for (; status == Status::kOk && compound.number < compound.operations; ++compound.number) {
    bool written = false;
    TP_CO_TRY(status, co_await run_one(compound, &written));
    if (compound.replay) {
      out.truncate(body_at);
      out.fixed(*compound.replay);
      co_return ok;
    }
    if (written) ++results;
  }
  compound.reply.set_u32(status_at, static_cast<uint32_t>(status));
  compound.reply.set_u32(count_at, results);
  if (compound.slot) {
    compound.slot.finish(compound.reply.plain() ? compound.out().view().substr(body_at) : BytesView());
  }
  co_return ok;
}

}  // namespace tp::nfs::v4
