// RENAME, LINK: RFC 1813 §3.3.14, §3.3.15.
#include "front/nfs/v3/procedures.h"

namespace tp::nfs::v3 {

namespace {

Task<plane::Renamed> move_name(V3Call& call, DirectoryArgument from, DirectoryArgument to) {
  TP_CO_TRY(const Target from_directory, call.target(from.directory));
  TP_CO_TRY(Target to_directory, call.target(to.directory));
  TP_CO_TRY_VOID(check_name(from.name));
  TP_CO_TRY_VOID(check_name(to.name));
  if (is_dot_name(from.name) || is_dot_name(to.name)) {
    co_return fail3(Status3::kInval, "'.' and '..' cannot be renamed");
  }
  // Of another volume the caller may be somebody else: no rename leads there.
  if (from_directory.file.volume != to_directory.file.volume) co_return fail3(Status3::kXdev, "another volume");
  co_return co_await call.files().rename(std::move(to_directory.caller), from_directory.file, Bytes(from.name),
                                         to_directory.file, Bytes(to.name));
}

Task<plane::FileChange> add_name(V3Call& call, BytesView file, DirectoryArgument where) {
  TP_CO_TRY(const Target target, call.target(file));
  TP_CO_TRY(Target directory, call.target(where.directory));
  TP_CO_TRY_VOID(check_name(where.name));
  if (is_dot_name(where.name)) co_return fail3(Status3::kExist, "'.' and '..' are there already");
  if (target.file.volume != directory.file.volume) co_return fail3(Status3::kXdev, "another volume");
  co_return co_await call.files().link(std::move(directory.caller), target.file, directory.file, Bytes(where.name));
}

}  // namespace

Task<void> rename(V3Call& call) {
  const DirectoryArgument from = call.read_directory_argument();
  const DirectoryArgument to = call.read_directory_argument();
  TP_CO_TRY_VOID(call.in().status("RENAME"));
  const auto renamed = co_await move_name(call, from, to);
  call.write_status_of(renamed);
  if (renamed) {
    call.write_change(renamed->from);
    call.write_change(renamed->to);
    co_return ok;
  }
  call.out().boolean(false);
  TP_CO_TRY_VOID(co_await call.write_attributes_now(from.directory));
  call.out().boolean(false);
  co_return co_await call.write_attributes_now(to.directory);
}

Task<void> link(V3Call& call) {
  const BytesView file = call.read_handle();
  const DirectoryArgument where = call.read_directory_argument();
  TP_CO_TRY_VOID(call.in().status("LINK"));
  const auto changed = co_await add_name(call, file, where);
  call.write_status_of(changed);
  TP_CO_TRY_VOID(co_await call.write_attributes_now(file));
  co_return co_await call.write_change_or_now(changed, where.directory);
}

}  // namespace tp::nfs::v3
