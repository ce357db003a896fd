// make_link and make_node: what is neither file nor directory.
#include "plane/reason.h"
#include "plane/tree/files_impl.h"
#include "plane/tree/names/make_entry.h"

namespace tp::plane {
namespace {

constexpr size_t kMaxTargetBytes = 4096;  // PATH_MAX

}  // namespace

Task<Created> FilesImpl::make_link(FileCaller caller, FileId directory, Bytes name, Bytes target, SetAttributes set) {
  if (target.size() > kMaxTargetBytes) {
    co_return fail(Code::kInvalidArgument, Reason::kNameTooLong, "the link's target is too long");
  }
  if (target.empty() || target.find('\0') != Bytes::npos) {
    co_return fail(Code::kInvalidArgument, "a link's target is not empty and has no zero byte");
  }
  MakeEntry wish;
  wish.caller = std::move(caller);
  wish.directory = directory;
  wish.name = std::move(name);
  wish.type = meta::InodeType::kSymlink;
  wish.default_mode = 0777;
  wish.set = std::move(set);
  wish.target = std::move(target);
  co_return co_await make_entry(core_, std::move(wish));
}

Task<Created> FilesImpl::make_node(FileCaller caller, FileId directory, Bytes name, meta::InodeType type,
                                   uint64_t device, SetAttributes set) {
  const bool is_device = type == meta::InodeType::kCharacterDevice || type == meta::InodeType::kBlockDevice;
  if (!is_device && type != meta::InodeType::kFifo && type != meta::InodeType::kSocket) {
    co_return fail(Code::kInvalidArgument, "no node of this type can be made");
  }
  // A device is a way past permissions for whoever mounts the volume.
  if (is_device && !caller.super_user) {
    co_return fail(Code::kPermissionDenied, Reason::kNotOwner, "only root makes device files");
  }
  MakeEntry wish;
  wish.caller = std::move(caller);
  wish.directory = directory;
  wish.name = std::move(name);
  wish.type = type;
  wish.set = std::move(set);
  wish.device = is_device ? device : 0;
  co_return co_await make_entry(core_, std::move(wish));
}

}  // namespace tp::plane
