#include "plane/core/plane_impl.h"

namespace tp::plane {

Task<VersionPage> PlaneImpl::list_versions(Caller, std::string, VersionQuery) {
  co_return fail(Code::kNotImplemented, "versions are not implemented");
}

}  // namespace tp::plane
