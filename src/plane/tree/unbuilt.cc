// What is not built yet of this folder's operations.
#include "plane/tree/files_impl.h"

namespace tp::plane {
namespace {
std::unexpected<Error> unbuilt() {
  return fail(Code::kNotImplemented, "not implemented");
}
}  // namespace

Task<FileAttributes> FilesImpl::attributes(FileId) {
  co_return unbuilt();
}
Task<uint32_t> FilesImpl::access(FileCaller, FileId, uint32_t) {
  co_return unbuilt();
}
Task<FileChange> FilesImpl::set_attributes(FileCaller, FileId, SetAttributes, std::optional<rt::Nanos>, AccessCheck) {
  co_return unbuilt();
}
Task<FileAttributes> FilesImpl::lookup(FileCaller, FileId, Bytes) {
  co_return unbuilt();
}
Task<FileAttributes> FilesImpl::parent(FileCaller, FileId) {
  co_return unbuilt();
}
Task<Bytes> FilesImpl::read_link(FileCaller, FileId) {
  co_return unbuilt();
}
Task<Created> FilesImpl::create(FileCaller, FileId, Bytes, CreateRequest) {
  co_return unbuilt();
}
Task<Created> FilesImpl::make_directory(FileCaller, FileId, Bytes, SetAttributes) {
  co_return unbuilt();
}
Task<Created> FilesImpl::make_link(FileCaller, FileId, Bytes, Bytes, SetAttributes) {
  co_return unbuilt();
}
Task<Created> FilesImpl::make_node(FileCaller, FileId, Bytes, meta::InodeType, uint64_t, SetAttributes) {
  co_return unbuilt();
}
Task<FileChange> FilesImpl::remove(FileCaller, FileId, Bytes) {
  co_return unbuilt();
}
Task<FileChange> FilesImpl::remove_directory(FileCaller, FileId, Bytes) {
  co_return unbuilt();
}
Task<Renamed> FilesImpl::rename(FileCaller, FileId, Bytes, FileId, Bytes) {
  co_return unbuilt();
}
Task<FileChange> FilesImpl::link(FileCaller, FileId, FileId, Bytes) {
  co_return unbuilt();
}
Task<DirectoryPage> FilesImpl::read_directory(FileCaller, FileId, uint64_t, uint32_t, bool) {
  co_return unbuilt();
}
Task<Opened> FilesImpl::open(FileCaller, FileId, Bytes, OpenRequest) {
  co_return unbuilt();
}
Task<Opened> FilesImpl::open_file(FileCaller, FileId, uint32_t) {
  co_return unbuilt();
}
void FilesImpl::unpin(FileId) {}
Task<void> FilesImpl::end_of_grace() {
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
