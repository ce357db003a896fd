#include "front/s3/object/object_handlers.h"
#include "front/s3/object/read_selection.h"

namespace tp::s3 {

Task<void> head_object(S3Request& request) {
  TP_CO_TRY(const ReadQuestion question, parse_read_question(request));
  TP_CO_TRY(const plane::ObjectInfoPtr info, co_await request.plane.stat(request.caller, request.object()));
  TP_CO_TRY(const ReadSelection selection, select_bytes(request, question, info->record));
  start_read_answer(request, question, selection, info->record);
  if (selection.status == 304) co_return co_await request.http.finish({});
  co_return co_await request.http.finish_without_body(selection.bytes.size_bytes);
}

}  // namespace tp::s3
