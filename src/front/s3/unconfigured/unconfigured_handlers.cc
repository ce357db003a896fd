#include "front/s3/unconfigured/unconfigured_handlers.h"

#include <array>
#include <optional>

#include "front/s3/core/s3_request.h"
#include "front/s3/message/xml_response.h"

namespace tp::s3 {

namespace {

struct Answer {
  Operation operation;
  std::optional<S3Code> error;       // nothing: there is a document instead
  std::string_view element = {};     // the document's root
  std::string_view content = {};     // inside it
};

using enum Operation;
constexpr std::array kAnswers = {
    Answer{kGetBucketAccelerateConfiguration, std::nullopt, "AccelerateConfiguration"},
    Answer{kGetBucketEncryption, S3Code::kServerSideEncryptionConfigurationNotFoundError},
    Answer{kGetBucketLogging, std::nullopt, "BucketLoggingStatus"},
    Answer{kGetBucketNotificationConfiguration, std::nullopt, "NotificationConfiguration"},
    Answer{kGetBucketReplication, S3Code::kReplicationConfigurationNotFoundError},
    Answer{kGetBucketRequestPayment, std::nullopt, "RequestPaymentConfiguration", "<Payer>BucketOwner</Payer>"},
    Answer{kGetBucketWebsite, S3Code::kNoSuchWebsiteConfiguration},
    Answer{kGetPublicAccessBlock, S3Code::kNoSuchPublicAccessBlockConfiguration},
};

const Answer* find_answer(Operation operation) {
  for (const Answer& answer : kAnswers) {
    if (answer.operation == operation) return &answer;
  }
  return nullptr;
}

Task<void> answer_bucket(S3Request& request) {
  TP_CO_TRY_VOID(request.plane.volume_for(request.caller, request.bucket, plane::Action::kGetBucketVersioning));
  const Answer& answer = *find_answer(request.operation);
  if (answer.error) co_return s3_fail(*answer.error);
  Bytes out;
  wire::XmlWriter xml(out);
  xml.declaration();
  xml.open(answer.element, kNamespace);
  out.append(answer.content);
  xml.close();
  co_return co_await request.answer_xml(200, std::move(out));
}

// Deleting what cannot be there: S3 answers as if it had been.
Task<void> answer_delete(S3Request& request) {
  TP_CO_TRY_VOID(request.plane.volume_for(request.caller, request.bucket, plane::Action::kPutBucketAcl));
  co_return co_await request.answer_empty(204);
}

}  // namespace

std::span<const HandlerRow> unconfigured_handlers() {
  static constexpr std::array kRows = {
      HandlerRow{kGetBucketAccelerateConfiguration, answer_bucket},
      HandlerRow{kGetBucketEncryption, answer_bucket},
      HandlerRow{kGetBucketLogging, answer_bucket},
      HandlerRow{kGetBucketNotificationConfiguration, answer_bucket},
      HandlerRow{kGetBucketReplication, answer_bucket},
      HandlerRow{kGetBucketRequestPayment, answer_bucket},
      HandlerRow{kGetBucketWebsite, answer_bucket},
      HandlerRow{kGetPublicAccessBlock, answer_bucket},
      HandlerRow{kDeleteBucketEncryption, answer_delete},
      HandlerRow{kDeleteBucketReplication, answer_delete},
      HandlerRow{kDeleteBucketWebsite, answer_delete},
      HandlerRow{kDeletePublicAccessBlock, answer_delete},
  };
  return kRows;
}

}  // namespace tp::s3
