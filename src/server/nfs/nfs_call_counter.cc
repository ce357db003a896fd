#include "server/nfs/nfs_call_counter.h"

#include "front/nfs/core/nfs_front.h"

namespace tp::server {

namespace {

constexpr std::array<std::string_view, NfsCallCounter::kProcedures> kNames = {
    "v3_null",       "v3_getattr",   "v3_setattr",  "v3_lookup",      "v3_access", "v3_readlink", "v3_read",
    "v3_write",      "v3_create",    "v3_mkdir",    "v3_symlink",     "v3_mknod",  "v3_remove",   "v3_rmdir",
    "v3_rename",     "v3_link",      "v3_readdir",  "v3_readdirplus", "v3_fsstat", "v3_fsinfo",   "v3_pathconf",
    "v3_commit",     "v4_null",      "v4_compound", "mount_null",     "mount_mnt", "mount_dump",  "mount_umnt",
    "mount_umntall", "mount_export", "other"};
constexpr size_t kFirstV4 = 22, kFirstMount = 24, kOther = NfsCallCounter::kProcedures - 1;
static_assert(kNames[kFirstV4] == "v4_null" && kNames[kFirstMount] == "mount_null" && kNames[kOther] == "other");

}  // namespace

NfsCallCounter::NfsCallCounter(net::RpcHandler& front, unsigned loops) : front_(front) {
  for (unsigned i = 0; i < loops; ++i) loops_.push_back(std::make_unique<PerLoop>());
}

size_t NfsCallCounter::procedure_index(const wire::RpcCallHead& head) {
  if (head.rpc_version != 2) return kOther;
  const auto within = [&](size_t first, size_t end) {
    return head.procedure < end - first ? first + head.procedure : kOther;
  };
  if (head.program == nfs::kNfsProgram && head.version == 3) return within(0, kFirstV4);
  if (head.program == nfs::kNfsProgram && head.version == 4) return within(kFirstV4, kFirstMount);
  if (head.program == nfs::kMountProgram) return within(kFirstMount, kOther);
  return kOther;
}

std::string_view NfsCallCounter::procedure_name(size_t index) {
  return kNames[index];
}

Task<void> NfsCallCounter::handle(net::RpcCall call, net::RpcReply* reply) {
  auto& count = loops_[rt::Loop::current().index()]->calls[procedure_index(call.head)];
  count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);  // one writer
  return front_.handle(std::move(call), reply);
}

std::vector<NfsCallCounter::Count> NfsCallCounter::counts() const {
  std::vector<Count> found;
  for (size_t i = 0; i < kProcedures; ++i) {
    Count count{procedure_name(i), 0};
    for (const auto& loop : loops_) count.calls += loop->calls[i].load(std::memory_order_relaxed);
    if (count.calls > 0) found.push_back(count);
  }
  return found;
}

}  // namespace tp::server
