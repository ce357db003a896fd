#include "front/s3/core/s3_request.h"
#include "front/s3/message/body_reader.h"
#include "front/s3/message/xml_response.h"
#include "front/s3/settings/setting_handlers.h"
#include "front/s3/versions/version_handlers.h"

namespace tp::s3 {

namespace {

Result<meta::Versioning> parse_versioning_document(BytesView xml) {
  TP_TRY(const wire::XmlDocument document, parse_document(xml, "VersioningConfiguration"));
  const std::string mfa = document.root().child_text("MfaDelete");
  if (mfa == "Enabled") {
    return s3_fail(S3Code::kNotImplemented,
                   "MFA delete is not implemented: this server knows no MFA devices. Object Lock keeps versions from "
                   "being deleted.");
  }
  if (!mfa.empty() && mfa != "Disabled") return s3_fail(S3Code::kMalformedXml);
  const wire::XmlNode status = document.root().child("Status");
  if (!status) {
    return s3_fail(S3Code::kIllegalVersioningConfigurationException, "The Versioning element must be specified");
  }
  if (status.text() == "Enabled") return meta::Versioning::kEnabled;
  if (status.text() == "Suspended") return meta::Versioning::kSuspended;
  return s3_fail(S3Code::kMalformedXml);
}

}  // namespace

Task<void> put_bucket_versioning(S3Request& request) {
  TP_CO_TRY(BodyReader reader, BodyReader::create(request, BodyReader::Kind::kDocument));
  TP_CO_TRY(const Bytes body, co_await reader.read_document(kMaxSettingBytes));
  TP_CO_TRY(const meta::Versioning versioning, parse_versioning_document(body));
  plane::VolumeChange change;
  change.versioning = versioning;
  TP_CO_TRY_VOID(co_await request.plane.set_volume(request.caller, request.bucket, std::move(change)));
  co_return co_await request.answer_empty(200);
}

}  // namespace tp::s3
