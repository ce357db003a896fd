#include "front/nfs/v4/ops/op_table.h"

#include <array>

#include "front/nfs/v4/ops/operations.h"

namespace tp::nfs::v4 {
namespace {

constexpr bool kChanges = true, kReads = false;

constexpr OpEntry now(const char* name, Status (*run)(Compound&), bool changes = kReads,
                      Standing standing = Standing::kInSession) {
  return {name, standing, changes, run, nullptr};
}
constexpr OpEntry later(const char* name, Task<Status> (*run)(Compound&), bool changes = kReads) {
  return {name, Standing::kInSession, changes, nullptr, run};
}
constexpr OpEntry unsupported(const char* name) {
  return {name, Standing::kInSession, false, nullptr, nullptr};
}

// By number, from kFirstOp on.
constexpr std::array kOps = {
    later("ACCESS", ops::access),
    later("CLOSE", ops::close, kChanges),
    later("COMMIT", ops::commit),
    later("CREATE", ops::create, kChanges),
    unsupported("DELEGPURGE"),
    unsupported("DELEGRETURN"),
    later("GETATTR", ops::get_attr),
    now("GETFH", ops::get_fh),
    later("LINK", ops::link, kChanges),
    later("LOCK", ops::lock, kChanges),
    later("LOCKT", ops::test_lock),
    now("LOCKU", ops::unlock, kChanges),
    later("LOOKUP", ops::lookup),
    later("LOOKUPP", ops::lookup_parent),
    later("NVERIFY", ops::nverify),
    later("OPEN", ops::open, kChanges),
    unsupported("OPENATTR"),
    unsupported("OPEN_CONFIRM"),
    now("OPEN_DOWNGRADE", ops::open_downgrade, kChanges),
    now("PUTFH", ops::put_fh),
    now("PUTPUBFH", ops::put_root_fh),
    now("PUTROOTFH", ops::put_root_fh),
    later("READ", ops::read),
    later("READDIR", ops::read_dir),
    later("READLINK", ops::read_link),
    later("REMOVE", ops::remove, kChanges),
    later("RENAME", ops::rename, kChanges),
    unsupported("RENEW"),
    now("RESTOREFH", ops::restore_fh),
    now("SAVEFH", ops::save_fh),
    later("SECINFO", ops::sec_info),
    later("SETATTR", ops::set_attr, kChanges),
    unsupported("SETCLIENTID"),
    unsupported("SETCLIENTID_CONFIRM"),
    later("VERIFY", ops::verify),
    later("WRITE", ops::write, kChanges),
    unsupported("RELEASE_LOCKOWNER"),
    now("BACKCHANNEL_CTL", ops::backchannel_ctl),
    now("BIND_CONN_TO_SESSION", ops::bind_conn_to_session, kChanges, Standing::kAlone),
    now("EXCHANGE_ID", ops::exchange_id, kChanges, Standing::kAnywhere),
    now("CREATE_SESSION", ops::create_session, kChanges, Standing::kAnywhere),
    now("DESTROY_SESSION", ops::destroy_session, kChanges, Standing::kAnywhere),
    now("FREE_STATEID", ops::free_stateid, kChanges),
    unsupported("GET_DIR_DELEGATION"),
    unsupported("GETDEVICEINFO"),
    unsupported("GETDEVICELIST"),
    unsupported("LAYOUTCOMMIT"),
    unsupported("LAYOUTGET"),
    unsupported("LAYOUTRETURN"),
    later("SECINFO_NO_NAME", ops::sec_info_no_name),
    now("SEQUENCE", ops::sequence, kReads, Standing::kFirst),
    unsupported("SET_SSV"),
    now("TEST_STATEID", ops::test_stateid),
    unsupported("WANT_DELEGATION"),
    now("DESTROY_CLIENTID", ops::destroy_client_id, kChanges, Standing::kAnywhere),
    later("RECLAIM_COMPLETE", ops::reclaim_complete, kChanges),
    later("ALLOCATE", ops::allocate, kChanges),
    later("COPY", ops::copy, kChanges),
    unsupported("COPY_NOTIFY"),
    later("DEALLOCATE", ops::deallocate, kChanges),
    now("IO_ADVISE", ops::io_advise),
    unsupported("LAYOUTERROR"),
    unsupported("LAYOUTSTATS"),
    unsupported("OFFLOAD_CANCEL"),
    unsupported("OFFLOAD_STATUS"),
    unsupported("READ_PLUS"),
    later("SEEK", ops::seek),
    unsupported("WRITE_SAME"),
    later("CLONE", ops::clone, kChanges),
    later("GETXATTR", ops::get_xattr),
    later("SETXATTR", ops::set_xattr, kChanges),
    later("LISTXATTRS", ops::list_xattrs),
    later("REMOVEXATTR", ops::remove_xattr, kChanges),
};
static_assert(kOps.size() == kLastOp42 - kFirstOp + 1);

}  // namespace

const OpEntry* find_op(uint32_t number, uint32_t minor) {
  const uint32_t last = minor < 2 ? kLastOp41 : kLastOp42;
  if (number < kFirstOp || number > last) return nullptr;
  return &kOps[number - kFirstOp];
}

}  // namespace tp::nfs::v4
