#include "plane/snapshots/snapshots_impl.h"

namespace tp::plane {
namespace {
std::unexpected<Error> not_yet() { return fail(Code::kNotImplemented, "snapshots are not implemented"); }
}  // namespace

Task<std::vector<SnapshotInfo>> SnapshotsImpl::create(Caller, std::vector<std::string>, std::string, std::string) {
  co_return not_yet();
}
Task<std::vector<SnapshotInfo>> SnapshotsImpl::list(Caller, std::string) { co_return not_yet(); }
Task<void> SnapshotsImpl::remove(Caller, std::string, std::string) { co_return not_yet(); }
Task<DifferencePage> SnapshotsImpl::diff(Caller, std::string, std::string, std::string, std::string, uint32_t) {
  co_return not_yet();
}
Task<RestoreReport> SnapshotsImpl::restore(Caller, std::string, std::string, std::string, std::optional<std::string>) {
  co_return not_yet();
}
Task<VolumePtr> SnapshotsImpl::clone(Caller, std::string, std::string, std::string) { co_return not_yet(); }
Task<void> SnapshotsImpl::remove_clone(Caller, std::string) { co_return not_yet(); }

}  // namespace tp::plane
