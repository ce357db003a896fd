#include "plane/core/plane_impl.h"

namespace tp::plane {

Task<void> PlaneImpl::set_retention(Caller, ObjectRef, meta::RetentionMode, rt::Nanos, bool) {
  co_return fail(Code::kNotImplemented, "Object Lock is not implemented");
}

Task<void> PlaneImpl::set_legal_hold(Caller, ObjectRef, bool) {
  co_return fail(Code::kNotImplemented, "Object Lock is not implemented");
}

}  // namespace tp::plane
