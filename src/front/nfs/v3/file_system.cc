// FSSTAT, FSINFO, PATHCONF: RFC 1813 §3.3.18 to §3.3.20.
#include "front/nfs/v3/procedures.h"

namespace tp::nfs::v3 {

namespace {

constexpr uint32_t kIoMultiple = 4096;
constexpr uint32_t kPreferredDirectoryBytes = 64 << 10;
// FSF3_LINK, FSF3_SYMLINK, FSF3_HOMOGENEOUS, FSF3_CANSETTIME.
constexpr uint32_t kProperties = 0x0001 | 0x0002 | 0x0008 | 0x0010;

struct Asked {
  plane::FileAttributes attributes;
  plane::SpaceStatus space;
};
Task<Asked> find(V3Call& call, BytesView handle, bool with_space) {
  TP_CO_TRY(const Target target, call.target(handle));
  Asked asked;
  TP_CO_TRY(asked.attributes, co_await call.files().attributes(target.file));
  if (with_space) {
    TP_CO_TRY(asked.space, co_await call.files().space(target.file));
  }
  co_return asked;
}

/// The head of all three results; false if there is nothing more to say.
bool write_head(V3Call& call, const Result<Asked>& asked) {
  call.write_status_of(asked);
  if (asked) {
    call.write_present_attributes(asked->attributes);
  } else {
    call.write_no_attributes();
  }
  return asked.has_value();
}

}  // namespace

Task<void> file_system_status(V3Call& call) {
  const BytesView handle = call.read_handle();
  TP_CO_TRY_VOID(call.in().status("FSSTAT"));
  const auto asked = co_await find(call, handle, true);
  if (!write_head(call, asked)) co_return ok;
  wire::XdrWriter& out = call.out();
  out.u64(asked->space.total_bytes);
  out.u64(asked->space.free_bytes);
  out.u64(asked->space.available_bytes);
  out.u64(asked->space.total_files);
  out.u64(asked->space.free_files);
  out.u64(asked->space.free_files);
  out.u32(0);  // invarsec: it may change at once
  co_return ok;
}

Task<void> file_system_info(V3Call& call) {
  const BytesView handle = call.read_handle();
  TP_CO_TRY_VOID(call.in().status("FSINFO"));
  const auto asked = co_await find(call, handle, false);
  if (!write_head(call, asked)) co_return ok;
  wire::XdrWriter& out = call.out();
  for (int direction = 0; direction < 2; ++direction) {  // reads, writes: most, preferred, multiple
    out.u32(kMaxIoBytes);
    out.u32(kMaxIoBytes);
    out.u32(kIoMultiple);
  }
  out.u32(kPreferredDirectoryBytes);
  out.u64(plane::kMaxFileBytes);
  out.u32(0);  // time_delta: 1 ns
  out.u32(1);
  out.u32(kProperties);
  co_return ok;
}

Task<void> path_limits(V3Call& call) {
  const BytesView handle = call.read_handle();
  TP_CO_TRY_VOID(call.in().status("PATHCONF"));
  const auto asked = co_await find(call, handle, false);
  if (!write_head(call, asked)) co_return ok;
  wire::XdrWriter& out = call.out();
  out.u32(plane::kMaxLinks);
  out.u32(plane::kMaxNameBytes);
  out.boolean(true);   // no_trunc
  out.boolean(true);   // chown_restricted
  out.boolean(false);  // case_insensitive
  out.boolean(true);   // case_preserving
  co_return ok;
}

}  // namespace tp::nfs::v3
