// CREATE, MKDIR, SYMLINK, MKNOD: RFC 1813 §3.3.8 to §3.3.11.
#include "front/nfs/v3/procedures.h"

namespace tp::nfs::v3 {

namespace {

using Kind = plane::CreateRequest::Kind;

/// The directory in which a new name is to be.
Result<Target> place_of(V3Call& call, DirectoryArgument where) {
  TP_TRY(Target directory, call.target(where.directory));
  TP_TRY_VOID(check_name(where.name));
  if (is_dot_name(where.name)) return fail3(Status3::kExist, "'.' and '..' are there already");
  return directory;
}

Task<plane::Created> create_file(V3Call& call, DirectoryArgument where, plane::CreateRequest request) {
  TP_CO_TRY(Target directory, place_of(call, where));
  if (request.set.size_bytes && *request.set.size_bytes > plane::kMaxFileBytes) {
    co_return fail3(Status3::kFbig, "the size is too large");
  }
  co_return co_await call.files().create(std::move(directory.caller), directory.file, Bytes(where.name),
                                         std::move(request));
}

Task<plane::Created> create_directory(V3Call& call, DirectoryArgument where, plane::SetAttributes set) {
  TP_CO_TRY(Target directory, place_of(call, where));
  co_return co_await call.files().make_directory(std::move(directory.caller), directory.file, Bytes(where.name),
                                                 std::move(set));
}

Task<plane::Created> create_link(V3Call& call, DirectoryArgument where, plane::SetAttributes set, BytesView path) {
  TP_CO_TRY(Target directory, place_of(call, where));
  if (path.empty()) co_return fail3(Status3::kNoEnt, "an empty path leads nowhere");
  if (path.size() > kMaxPathBytes) co_return fail3(Status3::kNameTooLong, "the path is too long");
  if (path.find('\0') != BytesView::npos) co_return fail3(Status3::kInval, "a path without zero bytes is wanted");
  co_return co_await call.files().make_link(std::move(directory.caller), directory.file, Bytes(where.name),
                                            Bytes(path), std::move(set));
}

struct NodeArguments {
  std::optional<meta::InodeType> type;  // nullopt: not one that MKNOD makes
  plane::SetAttributes set;
  uint64_t device = 0;
};
NodeArguments read_node(V3Call& call) {
  enum FileType : uint32_t { kBlock = 3, kCharacter = 4, kSocket = 6, kFifo = 7 };
  NodeArguments node;
  const uint32_t type = call.in().u32();
  switch (type) {
    case kBlock: node.type = meta::InodeType::kBlockDevice; break;
    case kCharacter: node.type = meta::InodeType::kCharacterDevice; break;
    case kSocket: node.type = meta::InodeType::kSocket; break;
    case kFifo: node.type = meta::InodeType::kFifo; break;
    default: return node;
  }
  node.set = call.read_set_attributes();
  if (type == kBlock || type == kCharacter) {
    const uint64_t major = call.in().u32();
    node.device = major << 32 | call.in().u32();
  }
  return node;
}

Task<plane::Created> create_node(V3Call& call, DirectoryArgument where, NodeArguments node) {
  TP_CO_TRY(Target directory, place_of(call, where));
  if (!node.type) co_return fail3(Status3::kBadType, "MKNOD makes devices, sockets and pipes");
  co_return co_await call.files().make_node(std::move(directory.caller), directory.file, Bytes(where.name), *node.type,
                                            node.device, std::move(node.set));
}

/// What all four answer.
Task<void> write_created(V3Call& call, const Result<plane::Created>& created, BytesView directory) {
  call.write_status_of(created);
  if (!created) {
    call.out().boolean(false);
    co_return co_await call.write_attributes_now(directory);
  }
  call.write_present_handle(created->attributes.file);
  call.write_present_attributes(created->attributes);
  call.write_change(created->directory);
  co_return ok;
}

}  // namespace

Task<void> create(V3Call& call) {
  const DirectoryArgument where = call.read_directory_argument();
  plane::CreateRequest request;
  switch (call.in().u32()) {
    case 0: request.kind = Kind::kUnchecked; break;
    case 1: request.kind = Kind::kGuarded; break;
    case 2: request.kind = Kind::kExclusive; break;
    default: call.in().fail_here();
  }
  if (request.kind == Kind::kExclusive) {
    request.verifier = call.in().u64();
  } else {
    request.set = call.read_set_attributes();
  }
  TP_CO_TRY_VOID(call.in().status("CREATE"));
  const auto created = co_await create_file(call, where, std::move(request));
  co_return co_await write_created(call, created, where.directory);
}

Task<void> make_directory(V3Call& call) {
  const DirectoryArgument where = call.read_directory_argument();
  plane::SetAttributes set = call.read_set_attributes();
  TP_CO_TRY_VOID(call.in().status("MKDIR"));
  const auto created = co_await create_directory(call, where, std::move(set));
  co_return co_await write_created(call, created, where.directory);
}

Task<void> make_link(V3Call& call) {
  const DirectoryArgument where = call.read_directory_argument();
  plane::SetAttributes set = call.read_set_attributes();
  const BytesView path = call.read_string();
  TP_CO_TRY_VOID(call.in().status("SYMLINK"));
  const auto created = co_await create_link(call, where, std::move(set), path);
  co_return co_await write_created(call, created, where.directory);
}

Task<void> make_node(V3Call& call) {
  const DirectoryArgument where = call.read_directory_argument();
  NodeArguments node = read_node(call);
  TP_CO_TRY_VOID(call.in().status("MKNOD"));
  const auto created = co_await create_node(call, where, std::move(node));
  co_return co_await write_created(call, created, where.directory);
}

}  // namespace tp::nfs::v3
