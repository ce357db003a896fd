#include "front/nfs/v3/nfs_v3.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>

#include "front/nfs/core/log_text.h"
#include "front/nfs/v3/procedures.h"

namespace tp::nfs::v3 {

namespace {

Task<void> do_nothing(V3Call&) {
  co_return ok;
}

// By number, NULL to COMMIT.
constexpr std::array<Procedure, 22> kProcedures = {
    do_nothing, get_attributes, set_attributes,   look_up, access,         read_link,
    read,       write,          create,           make_directory,          make_link,
    make_node,  remove,         remove_directory, rename,  link,           read_directory,
    read_directory_plus,        file_system_status,        file_system_info,
    path_limits,                commit,
};

// What would say something else, or harm, the second time: what makes and takes names, and SETATTR, whose size may cut
// what was written since and whose guard fails then.
constexpr std::array<uint32_t, 9> kOnce = {2, 8, 9, 10, 11, 12, 13, 14, 15};

Task<void> run(NfsCore& core, net::RpcCall call, net::RpcReply* reply) {
  const uint32_t xid = call.head.xid, procedure = call.head.procedure;
  const size_t head_at = reply->xdr().size();
  wire::write_rpc_accepted(reply->xdr(), xid, wire::RpcAccept::kSuccess);
  V3Call under_way(core, std::move(call), *reply);
  const Result<void> served = co_await kProcedures[procedure](under_way);
  if (served) co_return ok;
  const bool garbage = served.error().code == Code::kMalformed;
  if (!garbage) spdlog::error("NFSv3 procedure {}: {}", procedure, log_text(served.error().to_string()));
  reply->xdr().truncate(head_at);
  wire::write_rpc_accepted(reply->xdr(), xid,
                           garbage ? wire::RpcAccept::kGarbageArguments : wire::RpcAccept::kSystemError);
  co_return ok;
}

/// Whether the call was done or refused for good: what a later try may cure is tried again.
bool is_final(BytesView reply) {
  constexpr size_t kStatusAt = 24;  // behind an accepted reply's head
  if (reply.size() < kStatusAt + sizeof(uint32_t)) return false;
  const auto status = static_cast<Status3>(get_be<uint32_t>(reply.data() + kStatusAt));
  return status != Status3::kJukebox && status != Status3::kServerFault && status != Status3::kIo;
}

Task<void> run_once(NfsCore& core, ReplyCache& replies, net::RpcCall call, net::RpcReply* reply) {
  const ReplyCache::Ticket ticket = replies.begin(call);
  if (ticket.reply) {
    reply->xdr().raw(*ticket.reply);
    co_return ok;
  }
  const auto turn = co_await ticket.running->turn.lock();
  if (ticket.running->reply) {
    reply->xdr().raw(*ticket.running->reply);
    co_return ok;
  }
  TP_CO_TRY_VOID(co_await run(core, std::move(call), reply));
  if (is_final(reply->xdr().view())) ticket.running->reply = std::make_shared<const Bytes>(reply->xdr().view());
  replies.finish(ticket.key, ticket.running->reply);
  co_return ok;
}

}  // namespace

Task<void> serve(NfsCore& core, ReplyCache& replies, net::RpcCall call, net::RpcReply* reply) {
  const uint32_t procedure = call.head.procedure;
  if (procedure >= kProcedures.size()) {
    wire::write_rpc_accepted(reply->xdr(), call.head.xid, wire::RpcAccept::kProcedureUnavailable);
    co_return ok;
  }
  const bool once = std::ranges::find(kOnce, procedure) != kOnce.end();
  if (once && call.peer) co_return co_await run_once(core, replies, std::move(call), reply);
  co_return co_await run(core, std::move(call), reply);
}

}  // namespace tp::nfs::v3
