// WRITE, COMMIT: RFC 1813 §3.3.7, §3.3.21.
#include <algorithm>

#include "front/nfs/v3/procedures.h"

namespace tp::nfs::v3 {

namespace {

struct WriteArguments {
  BytesView handle;
  uint64_t offset = 0;
  uint32_t stability = 0;
  BytesView data;
};

Task<plane::WriteResult> write_bytes(V3Call& call, WriteArguments arguments) {
  TP_CO_TRY(Target target, call.target(arguments.handle));
  if (arguments.offset > plane::kMaxFileBytes || arguments.data.size() > plane::kMaxFileBytes - arguments.offset) {
    co_return fail3(Status3::kFbig, "behind the largest file's end");
  }
  plane::Payload payload;
  payload.bytes = arguments.data;
  payload.owner = call.rpc().owner;
  co_return co_await call.files().write(std::move(target.caller), target.file, arguments.offset, std::move(payload),
                                        static_cast<plane::Stability>(arguments.stability),
                                        plane::AccessCheck::kByMode);
}

Task<plane::FileChange> commit_all(V3Call& call, BytesView handle) {
  TP_CO_TRY(const Target target, call.target(handle));
  co_return co_await call.files().commit(target.file);
}

}  // namespace

Task<void> write(V3Call& call) {
  WriteArguments arguments;
  arguments.handle = call.read_handle();
  arguments.offset = call.in().u64();
  const uint32_t count = call.in().u32();
  arguments.stability = call.in().u32();
  arguments.data = call.read_string();
  if (arguments.stability > static_cast<uint32_t>(plane::Stability::kFileSync)) call.in().fail_here();
  if (count > arguments.data.size()) call.in().fail_here();
  TP_CO_TRY_VOID(call.in().status("WRITE"));
  // Fewer bytes than asked for may be written: the client goes on from there.
  arguments.data = arguments.data.substr(0, std::min(count, kMaxIoBytes));
  const auto written = co_await write_bytes(call, arguments);
  call.write_status_of(written);
  if (!written) {
    call.out().boolean(false);
    co_return co_await call.write_attributes_now(arguments.handle);
  }
  call.write_change(written->file);
  call.out().u32(static_cast<uint32_t>(arguments.data.size()));
  call.out().u32(static_cast<uint32_t>(written->stability));
  call.out().u64(call.files().write_verifier());
  co_return ok;
}

Task<void> commit(V3Call& call) {
  const BytesView handle = call.read_handle();
  call.in().u64();  // a range: all of the file is made durable
  call.in().u32();
  TP_CO_TRY_VOID(call.in().status("COMMIT"));
  const auto committed = co_await commit_all(call, handle);
  call.write_status_of(committed);
  TP_CO_TRY_VOID(co_await call.write_change_or_now(committed, handle));
  if (committed) call.out().u64(call.files().write_verifier());
  co_return ok;
}

}  // namespace tp::nfs::v3
