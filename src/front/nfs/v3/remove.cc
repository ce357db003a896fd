// REMOVE, RMDIR: RFC 1813 §3.3.12, §3.3.13.
#include "front/nfs/v3/procedures.h"

namespace tp::nfs::v3 {

namespace {

Task<plane::FileChange> remove_file(V3Call& call, DirectoryArgument where) {
  TP_CO_TRY(Target directory, call.target(where.directory));
  TP_CO_TRY_VOID(check_name(where.name));
  if (is_dot_name(where.name)) co_return fail3(Status3::kIsDir, "'.' and '..' are directories");
  co_return co_await call.files().remove(std::move(directory.caller), directory.file, Bytes(where.name));
}

Task<plane::FileChange> remove_empty(V3Call& call, DirectoryArgument where) {
  TP_CO_TRY(Target directory, call.target(where.directory));
  TP_CO_TRY_VOID(check_name(where.name));
  if (where.name == ".") co_return fail3(Status3::kInval, "'.' cannot be removed");
  if (where.name == "..") co_return fail3(Status3::kExist, "'..' cannot be removed");
  co_return co_await call.files().remove_directory(std::move(directory.caller), directory.file, Bytes(where.name));
}

}  // namespace

Task<void> remove(V3Call& call) {
  const DirectoryArgument where = call.read_directory_argument();
  TP_CO_TRY_VOID(call.in().status("REMOVE"));
  const auto changed = co_await remove_file(call, where);
  call.write_status_of(changed);
  co_return co_await call.write_change_or_now(changed, where.directory);
}

Task<void> remove_directory(V3Call& call) {
  const DirectoryArgument where = call.read_directory_argument();
  TP_CO_TRY_VOID(call.in().status("RMDIR"));
  const auto changed = co_await remove_empty(call, where);
  call.write_status_of(changed);
  co_return co_await call.write_change_or_now(changed, where.directory);
}

}  // namespace tp::nfs::v3
