#include "front/s3/message/conditions.h"
#include "front/s3/object/object_handlers.h"

namespace tp::s3 {

Task<void> delete_object(S3Request& request) {
  TP_CO_TRY_VOID(request.check_version_id());
  TP_CO_TRY(plane::WriteConditions conditions, parse_delete_conditions(request));
  // Deleting what is not there is a success: the key is gone, which is what was asked.
  TP_CO_TRY_VOID(co_await request.plane.remove(request.caller, request.object(), std::move(conditions)));
  co_return co_await request.answer_empty(204);
}

}  // namespace tp::s3
