#include "front/s3/core/s3_front.h"

#include "front/s3/bucket/bucket_handlers.h"
#include "front/s3/core/authenticate.h"
#include "front/s3/core/router.h"
#include "front/s3/core/s3_request.h"
#include "front/s3/lifecycle/lifecycle_handlers.h"
#include "front/s3/lock/lock_handlers.h"
#include "front/s3/message/object_headers.h"
#include "front/s3/object/object_handlers.h"
#include "front/s3/unconfigured/unconfigured_handlers.h"
#include "front/s3/upload/upload_handlers.h"
#include "front/s3/versions/version_handlers.h"
#include "front/s3/versions/version_headers.h"

namespace tp::s3 {

struct S3Front::PerLoop {
  explicit PerLoop(uint64_t seed) : rng(seed) {}
  wire::SigningKeyCache signing_keys;
  rt::Rng rng;
};

namespace {

constexpr size_t kHostIdBytes = 33;

uint64_t random_seed() {
  char bytes[8];
  rt::secure_random(bytes);
  return get_be<uint64_t>(bytes);
}

std::array<char, 16> request_id_of(uint64_t number) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::array<char, 16> id;
  for (char& digit : id) {
    digit = kDigits[number & 15];
    number >>= 4;
  }
  return id;
}

}  // namespace

S3Front::S3Front(Options options) : options_(std::move(options)) {
  std::array<char, kHostIdBytes> random;
  rt::secure_random(random);
  host_id_ = to_base64(BytesView(random.data(), random.size()));
  for (unsigned i = 0; i < options_.runtime->loop_count(); ++i) {
    loops_.push_back(std::make_unique<PerLoop>(random_seed()));
  }
  for (const auto rows : {object_handlers(), bucket_handlers(), upload_handlers(), unconfigured_handlers(),
                          version_handlers(), lock_handlers(), lifecycle_handlers()}) {
    for (const HandlerRow& row : rows) handlers_[static_cast<size_t>(row.operation)] = row.handler;
  }
}

S3Front::~S3Front() = default;

S3Front::PerLoop& S3Front::here() { return *loops_[rt::Loop::current().index()]; }
wire::SigningKeyCache& S3Front::signing_keys() { return here().signing_keys; }

Result<void> S3Front::prepare(S3Request& request) {
  request.request_id = request_id_of(here().rng.next());
  const rt::Clock& clock = options_.runtime->clock();
  request.wall_time = clock.wall_now();
  request.started = clock.now();
  TP_TRY(Address address, parse_address(request.head, options_.domains));
  request.bucket = std::move(address.bucket);
  request.key = std::move(address.key);
  request.virtual_hosted = address.virtual_hosted;
  const wire::HttpMethod method = request.head.method;
  const bool writes = method != wire::HttpMethod::kGet && !request.is_head() && method != wire::HttpMethod::kDelete;
  if (!request.key.empty()) TP_TRY_VOID(writes ? check_key(request.key) : check_lookup_key(request.key));
  if (!request.head.query.empty()) {
    auto query = wire::parse_query(request.head.query);
    if (!query) return s3_fail(S3Code::kInvalidUri);
    request.query = std::move(*query);
  }
  TP_TRY(request.operation, route(request.head, {request.bucket, request.key}, request.headers, request.query));
  // A preflight is asked by the browser itself, which has no credentials.
  if (request.operation == Operation::kOptionsPreflight) return ok;
  TP_TRY_VOID(authenticate(request));
  if (request.has(HeaderId::kExpectedBucketOwner)) {
    TP_TRY_VOID(check_expected_owner(request, request.bucket, HeaderId::kExpectedBucketOwner));
  }
  return ok;
}

Task<void> S3Front::handle(net::HttpExchange& exchange) {
  S3Request request(*this, exchange, *options_.plane);
  Result<void> outcome = prepare(request);
  if (outcome) {
    if (const Handler run = handler(request.operation)) {
      outcome = co_await run(request);
    } else {
      outcome = fail(Code::kNotImplemented,
                     std::string(operation_name(request.operation)) + " is not implemented by this server.");
    }
  }
  if (!outcome && !exchange.response_started()) outcome = co_await answer_error(request, outcome.error());
  report(request);
  co_return outcome;
}

Task<void> S3Front::answer_error(S3Request& request, const Error& error) {
  const S3Error answer = s3_error_of(error);
  request.error_code = answer.name;
  // The peer went or stalled inside its body: nothing more is to be read from it.
  if (error.code == Code::kClosed || error.code == Code::kTimeout) request.http.abandon();
  ErrorPlace place;
  place.resource = request.head.path;
  place.bucket = request.bucket;
  place.key = request.key;
  place.details = request.error_details;
  place.request_id = request.id();
  place.host_id = host_id_;
  const Bytes document = error_document(answer, place);
  wire::ResponseHeadWriter head = request.start(answer.status);
  if (answer.status == 503) head.header("Retry-After", uint64_t{1});
  append_delete_marker(head, error);
  head.header("Content-Type", "application/xml");
  co_return co_await request.http.finish(document);
}

Bytes S3Front::malformed_answer(int status, const Error& error, std::string* content_type) {
  *content_type = "application/xml";
  S3Error answer = status >= 500 && status != 501 && status != 505
                       ? s3_error_of(Error(Code::kInternal, "no answer was made"))
                       : s3_error_of(error);
  if (answer.status != status && answer.status < 500) answer = s3_error_of(s3_fail(S3Code::kBadRequest).error());
  const std::array<char, 16> id = request_id_of(here().rng.next());
  ErrorPlace place;
  place.request_id = BytesView(id.data(), id.size());
  place.host_id = host_id_;
  return error_document(answer, place);
}

void S3Front::report(S3Request& request) {
  const rt::Nanos duration = options_.runtime->clock().now() - request.started;
  const net::HttpExchange& http = request.http;
  if (options_.metrics != nullptr) {
    options_.metrics->on_request(request.operation, http.status(), http.body_bytes_read(), http.body_bytes_sent(),
                                 duration);
  }
  if (options_.access_log == nullptr) return;
  AccessRecord record;
  record.wall_time = request.wall_time;
  record.duration = duration;
  record.request_id = request.id();
  record.remote_address = http.peer_address();
  record.user_id = request.caller.user_id;
  record.operation = request.operation;
  record.method = request.head.method_text;
  record.target = request.head.target;
  record.bucket = request.bucket;
  record.key = request.key;
  record.status = http.status();
  record.error_code = request.error_code;
  record.bytes_in = http.body_bytes_read();
  record.bytes_out = http.body_bytes_sent();
  record.user_agent = request.header(HeaderId::kUserAgent);
  options_.access_log->on_access(record);
}

}  // namespace tp::s3
