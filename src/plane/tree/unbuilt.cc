// What is not built yet of this folder's operations.
#include "plane/content/resize.h"
#include "plane/tree/files_impl.h"

namespace tp::plane {

// Weak: until the folder of the bytes brings its own.
__attribute__((weak)) Result<void> resize(Namespace&, InodeId, meta::InodeRecord& record, uint64_t new_size_bytes) {
  if (record.size_bytes == new_size_bytes) return ok;
  return fail(Code::kNotImplemented, "not implemented");
}
__attribute__((weak)) Task<void> FilesImpl::flush(FileId, uint64_t) {
  co_return ok;
}

}  // namespace tp::plane
