#include "front/s3/core/s3_request.h"
#include "front/s3/lifecycle/lifecycle_document.h"
#include "front/s3/lifecycle/lifecycle_handlers.h"
#include "front/s3/message/body_reader.h"

namespace tp::s3 {

namespace {

using lifecycle::TransitionMinimum;

Result<TransitionMinimum> parse_minimum(S3Request& request) {
  constexpr HeaderId kField = HeaderId::kTransitionMinimumObjectSize;
  if (!request.has(kField)) return TransitionMinimum::kAll128K;
  for (const auto minimum : {TransitionMinimum::kAll128K, TransitionMinimum::kVariesByStorageClass}) {
    if (request.header(kField) == transition_minimum_name(minimum)) return minimum;
  }
  request.add_error_detail("ArgumentName", header_name(kField));
  request.add_error_detail("ArgumentValue", request.header(kField));
  return s3_fail(S3Code::kInvalidArgument, "Invalid value for x-amz-transition-default-minimum-object-size header");
}

S3Code code_of(lifecycle::Problem::Kind kind) {
  switch (kind) {
    case lifecycle::Problem::Kind::kMalformedXml: return S3Code::kMalformedXml;
    case lifecycle::Problem::Kind::kInvalidArgument: return S3Code::kInvalidArgument;
    case lifecycle::Problem::Kind::kInvalidRequest: return S3Code::kInvalidRequest;
  }
  return S3Code::kMalformedXml;
}

std::vector<std::string> own_classes(const S3Request& request) {
  std::vector<std::string> names;
  for (const plane::StorageClass& one : request.plane.storage_classes().all()) names.push_back(one.name);
  return names;
}

}  // namespace

Task<void> put_bucket_lifecycle_configuration(S3Request& request) {
  TP_CO_TRY(const TransitionMinimum minimum, parse_minimum(request));
  TP_CO_TRY(BodyReader reader, BodyReader::create(request, BodyReader::Kind::kDocument));
  TP_CO_TRY_VOID(reader.require_integrity_check());
  TP_CO_TRY(const Bytes document, co_await reader.read_document(kMaxLifecycleDocumentBytes));
  TP_CO_TRY(lifecycle::LifecycleRules rules, parse_lifecycle_document(document));
  rules.transition_minimum = minimum;
  const std::vector<std::string> classes = own_classes(request);
  if (const auto problem = lifecycle::validate(rules, classes)) {
    co_return s3_fail(code_of(problem->kind), problem->message);
  }
  lifecycle::complete(&rules);
  plane::VolumeChange change;
  change.lifecycle = lifecycle::encode_rules(rules);
  TP_CO_TRY_VOID(co_await request.plane.set_volume(request.caller, request.bucket, std::move(change)));
  wire::ResponseHeadWriter head = request.start(200);
  head.header("x-amz-transition-default-minimum-object-size", transition_minimum_name(minimum));
  co_return co_await request.http.finish({});
}

}  // namespace tp::s3
