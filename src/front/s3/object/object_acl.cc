// GetObjectAcl, PutObjectAcl.
#include "front/s3/message/access_list.h"
#include "front/s3/object/object_handlers.h"
#include "front/s3/versions/version_headers.h"

namespace tp::s3 {

Task<void> get_object_acl(S3Request& request) {
  TP_CO_TRY_VOID(request.check_version_id());
  TP_CO_TRY(const plane::ObjectInfoPtr info,
            co_await request.plane.stat(request.caller, request.object(), plane::Action::kGetObjectAcl));
  const meta::InodeRecord& record = info->record;
  const Bytes document = access_document(request, record.owner, record.access);
  wire::ResponseHeadWriter head = request.start(200);
  append_version(request, head, record);
  head.header("Content-Type", "application/xml");
  co_return co_await request.http.finish(document);
}

Task<void> put_object_acl(S3Request& request) {
  TP_CO_TRY_VOID(request.check_version_id());
  // Canned names mean different grants by the owner.
  std::string owner, bucket_owner;
  if (request.has(HeaderId::kAcl)) {
    TP_CO_TRY(const plane::ObjectInfoPtr info,
              co_await request.plane.stat(request.caller, request.object(), plane::Action::kPutObjectAcl));
    owner = info->record.owner;
    if (const auto volume = request.plane.volume(request.bucket)) bucket_owner = (*volume)->owner;
  }
  const AccessOwners owners{owner, bucket_owner};
  TP_CO_TRY(meta::AccessList access, co_await read_access_list(request, owners));
  TP_CO_TRY_VOID(co_await request.plane.set_access(request.caller, request.object(), std::move(access)));
  wire::ResponseHeadWriter head = request.start(200);
  append_asked_version(request, head);
  co_return co_await request.http.finish({});
}

}  // namespace tp::s3
