#include "plane/snapshots/snapshots_impl.h"

namespace tp::plane {
namespace {
std::unexpected<Error> not_yet(Core&) { return fail(Code::kNotImplemented, "snapshots: not implemented"); }
}  // namespace

Task<DifferencePage> SnapshotsImpl::diff(Caller, std::string, std::string, std::string, std::string, uint32_t) {
  co_return not_yet(core_);
}
Task<RestoreReport> SnapshotsImpl::restore(Caller, std::string, std::string, std::string, std::optional<std::string>) {
  co_return not_yet(core_);
}

}  // namespace tp::plane
