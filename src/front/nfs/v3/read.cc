// READ: RFC 1813 §3.3.6. The bytes go out from where they lie.
#include <algorithm>

#include "front/nfs/v3/procedures.h"

namespace tp::nfs::v3 {

namespace {

Task<plane::ReadResult> read_bytes(V3Call& call, BytesView handle, uint64_t offset, uint32_t size_bytes) {
  TP_CO_TRY(Target target, call.target(handle));
  // No file reaches further: what lies behind is its end like any other.
  co_return co_await call.files().read(std::move(target.caller), target.file, std::min(offset, plane::kMaxFileBytes),
                                       std::min(size_bytes, kMaxIoBytes), plane::AccessCheck::kByMode);
}

}  // namespace

Task<void> read(V3Call& call) {
  const BytesView handle = call.read_handle();
  const uint64_t offset = call.in().u64();
  const uint32_t size_bytes = call.in().u32();
  TP_CO_TRY_VOID(call.in().status("READ"));
  auto got = co_await read_bytes(call, handle, offset, size_bytes);
  call.write_status_of(got);
  if (!got) co_return co_await call.write_attributes_now(handle);
  call.write_present_attributes(got->attributes);
  const auto count = static_cast<uint32_t>(got->size_bytes);
  call.out().u32(count);
  call.out().boolean(got->end_of_file);
  call.reply().opaque(std::move(got->regions), count);
  co_return ok;
}

}  // namespace tp::nfs::v3
