#include "plane/core/plane_impl.h"

namespace tp::plane {

Task<bool> PlaneImpl::restore_object(Caller, ObjectRef, uint32_t) {
  co_return fail(Code::kNotImplemented, "offline storage classes are not implemented");
}

}  // namespace tp::plane
