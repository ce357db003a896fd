// What is not built yet of this folder's operations.
#include "plane/tree/files_impl.h"

namespace tp::plane {
namespace {
std::unexpected<Error> unbuilt() {
  return fail(Code::kNotImplemented, "not implemented");
}
}  // namespace

Task<FileChange> FilesImpl::allocate(FileCaller, FileId, uint64_t, uint64_t, AccessCheck) {
  co_return unbuilt();
}
Task<FileChange> FilesImpl::deallocate(FileCaller, FileId, uint64_t, uint64_t, AccessCheck) {
  co_return unbuilt();
}
Task<Files::Sought> FilesImpl::seek(FileId, uint64_t, bool) {
  co_return unbuilt();
}
Task<uint64_t> FilesImpl::copy_range(FileCaller, FileId, uint64_t, FileId, uint64_t, uint64_t, AccessCheck) {
  co_return unbuilt();
}
Task<void> FilesImpl::clone_range(FileCaller, FileId, uint64_t, FileId, uint64_t, uint64_t, AccessCheck) {
  co_return unbuilt();
}

}  // namespace tp::plane
