#include "front/nfs/v3/nfs_v3.h"

#include <spdlog/spdlog.h>

#include <array>

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

}  // namespace

Task<void> serve(NfsCore& core, net::RpcCall call, net::RpcReply* reply) {
  const uint32_t xid = call.head.xid, procedure = call.head.procedure;
  if (procedure >= kProcedures.size()) {
    wire::write_rpc_accepted(reply->xdr(), xid, wire::RpcAccept::kProcedureUnavailable);
    co_return ok;
  }
  const size_t head_at = reply->xdr().size();
  wire::write_rpc_accepted(reply->xdr(), xid, wire::RpcAccept::kSuccess);
  V3Call under_way(core, std::move(call), *reply);
  const Result<void> served = co_await kProcedures[procedure](under_way);
  if (served) co_return ok;
  const bool garbage = served.error().code == Code::kMalformed;
  if (!garbage) spdlog::error("NFSv3 procedure {}: {}", procedure, served.error().to_string());
  reply->xdr().truncate(head_at);
  wire::write_rpc_accepted(reply->xdr(), xid,
                           garbage ? wire::RpcAccept::kGarbageArguments : wire::RpcAccept::kSystemError);
  co_return ok;
}

}  // namespace tp::nfs::v3
