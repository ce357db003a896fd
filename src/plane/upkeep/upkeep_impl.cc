#include "plane/upkeep/upkeep_impl.h"

namespace tp::plane {
namespace {
std::unexpected<Error> not_yet() { return fail(Code::kNotImplemented, "upkeep is not implemented"); }
}  // namespace

std::vector<VolumePtr> UpkeepImpl::volumes() {
  std::vector<VolumePtr> found;
  core_.volumes.walk("", [&found](const VolumeEntryPtr& volume) {
    found.push_back(volume);
    return true;
  });
  return found;
}
VolumePtr UpkeepImpl::volume(VolumeId id) { return core_.volumes.find_id(id); }
Task<std::vector<std::pair<JournalSeq, meta::Change>>> UpkeepImpl::changes(JournalSeq, size_t) { co_return not_yet(); }
JournalSeq UpkeepImpl::newest() { return {}; }
Task<UpkeepPage> UpkeepImpl::walk(VolumeId, std::string, size_t) { co_return not_yet(); }
Task<std::vector<UpkeepObject>> UpkeepImpl::versions(VolumeId, std::string) { co_return not_yet(); }
Task<std::vector<UpkeepUpload>> UpkeepImpl::uploads(VolumeId) { co_return not_yet(); }
Task<bool> UpkeepImpl::expire(VolumeId, std::string, InodeId) { co_return not_yet(); }
Task<bool> UpkeepImpl::expire_version(VolumeId, std::string, uint64_t) { co_return not_yet(); }
Task<bool> UpkeepImpl::abort_upload(VolumeId, std::string, UploadId) { co_return not_yet(); }
Task<bool> UpkeepImpl::transition(VolumeId, std::string, uint64_t, InodeId, std::string) { co_return not_yet(); }
Task<void> UpkeepImpl::edit(std::vector<Edit>) { co_return not_yet(); }
Task<std::vector<std::pair<Bytes, Bytes>>> UpkeepImpl::records(Bytes, Bytes, size_t) { co_return not_yet(); }

}  // namespace tp::plane
