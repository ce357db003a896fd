// LOOKUP, READLINK: RFC 1813 §3.3.3, §3.3.5.
#include "front/nfs/v3/procedures.h"

namespace tp::nfs::v3 {

namespace {

Task<plane::FileAttributes> find(V3Call& call, DirectoryArgument where) {
  TP_CO_TRY(Target directory, call.target(where.directory));
  TP_CO_TRY_VOID(check_name(where.name));
  if (where.name == "..") co_return co_await call.files().parent(std::move(directory.caller), directory.file);
  if (where.name == ".") {
    TP_CO_TRY(const auto itself, co_await call.files().attributes(directory.file));
    if (itself.type != meta::InodeType::kDirectory) co_return fail3(Status3::kNotDir, "not a directory");
    co_return itself;
  }
  co_return co_await call.files().lookup(std::move(directory.caller), directory.file, Bytes(where.name));
}

struct LinkTarget {
  plane::FileAttributes attributes;
  Bytes path;
};
Task<LinkTarget> follow(V3Call& call, BytesView handle) {
  TP_CO_TRY(Target link, call.target(handle));
  LinkTarget found;
  TP_CO_TRY(found.attributes, co_await call.files().attributes(link.file));
  if (found.attributes.type != meta::InodeType::kSymlink) co_return fail3(Status3::kInval, "not a symbolic link");
  TP_CO_TRY(found.path, co_await call.files().read_link(std::move(link.caller), link.file));
  co_return found;
}

}  // namespace

Task<void> look_up(V3Call& call) {
  const DirectoryArgument where = call.read_directory_argument();
  TP_CO_TRY_VOID(call.in().status("LOOKUP"));
  const auto found = co_await find(call, where);
  call.write_status_of(found);
  if (found) {
    call.write_handle(found->file);
    call.write_present_attributes(*found);
  }
  co_return co_await call.write_attributes_now(where.directory);
}

Task<void> read_link(V3Call& call) {
  const BytesView handle = call.read_handle();
  TP_CO_TRY_VOID(call.in().status("READLINK"));
  const auto found = co_await follow(call, handle);
  call.write_status_of(found);
  if (!found) co_return co_await call.write_attributes_now(handle);
  call.write_present_attributes(found->attributes);
  call.out().opaque(found->path);
  co_return ok;
}

}  // namespace tp::nfs::v3
