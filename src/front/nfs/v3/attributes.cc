// GETATTR, SETATTR, ACCESS: RFC 1813 §3.3.1, §3.3.2, §3.3.4.
#include "front/nfs/v3/procedures.h"

namespace tp::nfs::v3 {

namespace {

enum AccessBit : uint32_t {
  kAccessRead = 0x01,
  kAccessLookup = 0x02,
  kAccessModify = 0x04,
  kAccessExtend = 0x08,
  kAccessDelete = 0x10,
  kAccessExecute = 0x20,
};

struct SetArguments {
  BytesView handle;
  plane::SetAttributes set;
  std::optional<rt::Nanos> guard;
};

Task<plane::FileAttributes> find_attributes(V3Call& call, BytesView handle) {
  TP_CO_TRY(const Target target, call.target(handle));
  co_return co_await call.files().attributes(target.file);
}

Task<plane::FileChange> apply(V3Call& call, SetArguments arguments) {
  TP_CO_TRY(Target target, call.target(arguments.handle));
  if (arguments.set.size_bytes && *arguments.set.size_bytes > plane::kMaxFileBytes) {
    co_return fail3(Status3::kFbig, "the size is too large");
  }
  co_return co_await call.files().set_attributes(std::move(target.caller), target.file, std::move(arguments.set),
                                                 arguments.guard, plane::AccessCheck::kByMode);
}

/// What of `wanted` exists for the kind of file, as permissions.
uint32_t permissions_of(uint32_t wanted, bool directory) {
  uint32_t permissions = 0;
  if (wanted & kAccessRead) permissions |= plane::kMayRead;
  if (wanted & (kAccessModify | kAccessExtend)) permissions |= plane::kMayWrite;
  if (directory) {
    // Names are changed in a directory only by whom may search it, too.
    if (wanted & kAccessDelete) permissions |= plane::kMayWrite;
    if (wanted & (kAccessLookup | kAccessModify | kAccessExtend | kAccessDelete)) permissions |= plane::kMayExecute;
  } else if (wanted & kAccessExecute) {
    permissions |= plane::kMayExecute;
  }
  return permissions;
}

uint32_t access_of(uint32_t wanted, uint32_t allowed, bool directory) {
  uint32_t granted = 0;
  if (allowed & plane::kMayRead) granted |= kAccessRead;
  if (directory) {
    if (allowed & plane::kMayExecute) granted |= kAccessLookup;
    constexpr uint32_t kChange = plane::kMayWrite | plane::kMayExecute;
    if ((allowed & kChange) == kChange) granted |= kAccessModify | kAccessExtend | kAccessDelete;
  } else {
    if (allowed & plane::kMayWrite) granted |= kAccessModify | kAccessExtend;
    if (allowed & plane::kMayExecute) granted |= kAccessExecute;
  }
  return granted & wanted;
}

struct Granted {
  plane::FileAttributes attributes;
  uint32_t bits = 0;
};
Task<Granted> find_access(V3Call& call, BytesView handle, uint32_t wanted) {
  TP_CO_TRY(Target target, call.target(handle));
  Granted granted;
  TP_CO_TRY(granted.attributes, co_await call.files().attributes(target.file));
  const bool directory = granted.attributes.type == meta::InodeType::kDirectory;
  const uint32_t permissions = permissions_of(wanted, directory);
  TP_CO_TRY(const uint32_t allowed, co_await call.files().access(std::move(target.caller), target.file, permissions));
  granted.bits = access_of(wanted, allowed, directory);
  co_return granted;
}

}  // namespace

Task<void> get_attributes(V3Call& call) {
  const BytesView handle = call.read_handle();
  TP_CO_TRY_VOID(call.in().status("GETATTR"));
  const auto found = co_await find_attributes(call, handle);
  call.write_status_of(found);
  if (found) call.write_attributes(*found);
  co_return ok;
}

Task<void> set_attributes(V3Call& call) {
  SetArguments arguments;
  arguments.handle = call.read_handle();
  arguments.set = call.read_set_attributes();
  if (call.in().boolean()) arguments.guard = call.read_time();
  TP_CO_TRY_VOID(call.in().status("SETATTR"));
  const auto changed = co_await apply(call, arguments);
  call.write_status_of(changed);
  co_return co_await call.write_change_or_now(changed, arguments.handle);
}

Task<void> access(V3Call& call) {
  const BytesView handle = call.read_handle();
  const uint32_t wanted = call.in().u32();
  TP_CO_TRY_VOID(call.in().status("ACCESS"));
  const auto granted = co_await find_access(call, handle, wanted);
  call.write_status_of(granted);
  if (!granted) co_return co_await call.write_attributes_now(handle);
  call.write_present_attributes(granted->attributes);
  call.out().u32(granted->bits);
  co_return ok;
}

}  // namespace tp::nfs::v3
