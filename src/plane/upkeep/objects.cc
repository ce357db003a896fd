#include "plane/upkeep/upkeep_impl.h"

namespace tp::plane {
namespace {
std::unexpected<Error> not_yet() {
  return fail(Code::kNotImplemented, "upkeep is not implemented");
}
}  // namespace

Task<UpkeepPage> UpkeepImpl::walk(VolumeId, std::string, size_t) {
  co_return not_yet();
}
Task<std::vector<UpkeepObject>> UpkeepImpl::versions(VolumeId, std::string) {
  co_return not_yet();
}
Task<bool> UpkeepImpl::expire(VolumeId, std::string, InodeId) {
  co_return not_yet();
}
Task<bool> UpkeepImpl::expire_version(VolumeId, std::string, uint64_t) {
  co_return not_yet();
}

}  // namespace tp::plane
