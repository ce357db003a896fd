#include "front/s3/core/s3_request.h"
#include "front/s3/lock/lock_document.h"
#include "front/s3/lock/lock_handlers.h"
#include "front/s3/message/body_reader.h"
#include "front/s3/settings/setting_handlers.h"

namespace tp::s3 {

Task<void> put_object_lock_configuration(S3Request& request) {
  TP_CO_TRY(BodyReader reader, BodyReader::create(request, BodyReader::Kind::kDocument));
  TP_CO_TRY_VOID(reader.require_integrity_check());
  TP_CO_TRY(const Bytes document, co_await reader.read_document(kMaxSettingBytes));
  plane::VolumeChange change;
  TP_CO_TRY(change.lock, parse_lock_configuration(document));
  TP_CO_TRY_VOID(co_await request.plane.set_volume(request.caller, request.bucket, std::move(change)));
  co_return co_await request.answer_empty(200);
}

}  // namespace tp::s3
