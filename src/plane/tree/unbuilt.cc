// What is not built yet of this folder's operations.
#include "plane/content/resize.h"
#include "plane/tree/files_impl.h"

namespace tp::plane {
namespace {
std::unexpected<Error> unbuilt() {
  return fail(Code::kNotImplemented, "not implemented");
}
}  // namespace

// Weak: until the folder of the bytes brings its own.
__attribute__((weak)) Result<void> resize(Namespace&, InodeId, meta::InodeRecord& record, uint64_t new_size_bytes) {
  if (record.size_bytes == new_size_bytes) return ok;
  return unbuilt();
}
__attribute__((weak)) Task<void> FilesImpl::flush(FileId, uint64_t) {
  co_return ok;
}
Task<FileChange> FilesImpl::set_attributes(FileCaller, FileId, SetAttributes, std::optional<rt::Nanos>, AccessCheck) {
  co_return unbuilt();
}
Task<Renamed> FilesImpl::rename(FileCaller, FileId, Bytes, FileId, Bytes) {
  co_return unbuilt();
}
Task<FileChange> FilesImpl::link(FileCaller, FileId, FileId, Bytes) {
  co_return unbuilt();
}
Task<Bytes> FilesImpl::attribute(FileCaller, FileId, std::string) {
  co_return unbuilt();
}
Task<FileChange> FilesImpl::set_attribute(FileCaller, FileId, FileAttribute, AttributeMode) {
  co_return unbuilt();
}
Task<FileChange> FilesImpl::remove_attribute(FileCaller, FileId, std::string) {
  co_return unbuilt();
}
Task<std::vector<std::string>> FilesImpl::attributes_list(FileCaller, FileId) {
  co_return unbuilt();
}

}  // namespace tp::plane
