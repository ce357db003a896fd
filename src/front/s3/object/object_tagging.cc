// GetObjectTagging, PutObjectTagging, DeleteObjectTagging.
#include "front/s3/message/body_reader.h"
#include "front/s3/message/tagging.h"
#include "front/s3/message/xml_response.h"
#include "front/s3/object/object_handlers.h"
#include "front/s3/versions/version_headers.h"

namespace tp::s3 {

Task<void> get_object_tagging(S3Request& request) {
  TP_CO_TRY_VOID(request.check_version_id());
  TP_CO_TRY(const plane::ObjectInfoPtr info, co_await request.plane.stat(request.caller, request.object(),
                                                                         plane::Action::kGetObjectTagging));
  const Bytes document = tagging_document(info->record.tags);
  wire::ResponseHeadWriter head = request.start(200);
  append_version(request, head, info->record);
  head.header("Content-Type", "application/xml");
  co_return co_await request.http.finish(document);
}

Task<void> put_object_tagging(S3Request& request) {
  TP_CO_TRY_VOID(request.check_version_id());
  TP_CO_TRY(BodyReader body, BodyReader::create(request, BodyReader::Kind::kDocument));
  TP_CO_TRY(const Bytes xml, co_await body.read_document(kMaxDocumentBytes));
  TP_CO_TRY(meta::TagSet tags, parse_tagging_document(xml, kMaxObjectTags));
  TP_CO_TRY_VOID(co_await request.plane.set_tags(request.caller, request.object(), std::move(tags)));
  wire::ResponseHeadWriter head = request.start(200);
  append_asked_version(request, head);
  co_return co_await request.http.finish({});
}

Task<void> delete_object_tagging(S3Request& request) {
  TP_CO_TRY_VOID(request.check_version_id());
  meta::TagSet none;
  TP_CO_TRY_VOID(co_await request.plane.set_tags(request.caller, request.object(), std::move(none)));
  wire::ResponseHeadWriter head = request.start(204);
  append_asked_version(request, head);
  co_return co_await request.http.finish({});
}

}  // namespace tp::s3
