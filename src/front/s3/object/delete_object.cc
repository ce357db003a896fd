#include "front/s3/message/conditions.h"
#include "front/s3/object/object_handlers.h"
#include "front/s3/versions/version_headers.h"

namespace tp::s3 {

Task<void> delete_object(S3Request& request) {
  TP_CO_TRY_VOID(request.check_version_id());
  TP_CO_TRY(plane::WriteConditions conditions, parse_delete_conditions(request));
  // Deleting what is not there is a success: the key is gone, which is what was asked.
  TP_CO_TRY(const plane::DeleteResult removed,
            co_await request.plane.remove(request.caller, request.object(), std::move(conditions)));
  wire::ResponseHeadWriter head = request.start(204);
  if (removed.delete_marker) head.header("x-amz-delete-marker", "true");
  append_version_id(head, removed.version);
  co_return co_await request.http.finish({});
}

}  // namespace tp::s3
