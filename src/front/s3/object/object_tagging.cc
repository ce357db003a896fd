// GetObjectTagging, PutObjectTagging, DeleteObjectTagging.
#include "front/s3/message/body_reader.h"
#include "front/s3/message/tagging.h"
#include "front/s3/message/xml_response.h"
#include "front/s3/object/object_handlers.h"

namespace tp::s3 {

Task<void> get_object_tagging(S3Request& request) {
  TP_CO_TRY_VOID(request.check_version_id());
  TP_CO_TRY(const plane::ObjectInfoPtr info, co_await request.plane.stat(request.caller, request.object(),
                                                                         plane::Action::kGetObjectTagging));
  co_return co_await request.answer_xml(200, tagging_document(info->record.tags));
}

Task<void> put_object_tagging(S3Request& request) {
  TP_CO_TRY_VOID(request.check_version_id());
  TP_CO_TRY(BodyReader body, BodyReader::create(request, BodyReader::Kind::kDocument));
  TP_CO_TRY(const Bytes xml, co_await body.read_document(kMaxDocumentBytes));
  TP_CO_TRY(meta::TagSet tags, parse_tagging_document(xml, kMaxObjectTags));
  TP_CO_TRY_VOID(co_await request.plane.set_tags(request.caller, request.object(), std::move(tags)));
  co_return co_await request.answer_empty(200);
}

Task<void> delete_object_tagging(S3Request& request) {
  TP_CO_TRY_VOID(request.check_version_id());
  meta::TagSet none;
  TP_CO_TRY_VOID(co_await request.plane.set_tags(request.caller, request.object(), std::move(none)));
  co_return co_await request.answer_empty(204);
}

}  // namespace tp::s3
