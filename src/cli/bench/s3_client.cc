#include "cli/bench/s3_client.h"

#include <array>

#include "backend/local/tcp_connect.h"
#include "wire/http/head_writer.h"
#include "wire/text/timestamp.h"

namespace tp::bench {

namespace {
constexpr size_t kSinkBytes = 256 << 10;
constexpr size_t kKeptLimitBytes = 16 << 20;
}  // namespace

S3Client::S3Client(rt::Runtime& runtime, const Options& options)
    : runtime_(runtime), options_(options), host_header_(options.host + ":" + std::to_string(options.port)),
      sink_(kSinkBytes) {
  credentials_.access_key = options.access_key;
  credentials_.secret = options.secret_key;
  credentials_.region = options.region;
}

Task<void> S3Client::connect() {
  local::ConnectOptions connect;
  connect.runtime = &runtime_;
  connect.host = options_.host;
  connect.port = options_.port;
  connect.congestion_control = options_.congestion_control;
  TP_CO_TRY(auto stream, co_await local::tcp_connect(std::move(connect)));
  stream->set_idle_timeout(120 * rt::kSecond);
  connection_.emplace(std::move(stream));
  co_return ok;
}

Result<void> S3Client::build(const Call& call) {
  const int64_t now = runtime_.clock().wall_now() / rt::kSecond;
  head_.clear();
  const std::string target = call.query.empty() ? call.path : call.path + "?" + call.query;
  wire::RequestHeadWriter writer(head_, call.method, target);
  writer.header("Host", host_header_);
  if (call.has_body) writer.header("Content-Length", call.body.size());
  if (!call.range.empty()) writer.header("Range", call.range);
  if (!options_.anonymous) {
    const std::string date = wire::amz_date(now);
    std::string_view hash = wire::kUnsignedPayload;
    if (!call.body_sha256.empty()) hash = call.body_sha256;
    if (!call.has_body) hash = wire::kEmptySha256;
    std::array<wire::HeaderField, 4> fields = {{{"host", host_header_},
                                                {"x-amz-content-sha256", hash},
                                                {"x-amz-date", date},
                                                {"range", call.range}}};
    wire::SigV4Request request;
    request.method = call.method;
    request.path = call.path;
    request.query = call.query;
    request.headers = std::span(fields).first(call.range.empty() ? 3 : 4);
    TP_TRY(const auto made, wire::sign_request(request, credentials_, now, hash, keys_));
    writer.header("x-amz-date", date);
    writer.header("x-amz-content-sha256", hash);
    writer.header("Authorization", made.authorization);
  }
  writer.finish();
  return ok;
}

Task<Outcome> S3Client::call(const Call& call, bool keep_body) {
  if (!connection_ || !connection_->reusable()) TP_CO_TRY_VOID(co_await connect());
  TP_CO_TRY_VOID(build(call));
  const std::array<BytesView, 2> pieces = {head_, call.body};
  auto sent = co_await connection_->send(std::span(pieces).first(call.body.empty() ? 1 : 2));
  Outcome outcome;
  auto head = co_await connection_->read_head(call.method == "HEAD");
  if (!head) {
    connection_.reset();
    co_return std::unexpected(sent ? std::move(head).error() : std::move(sent).error());
  }
  outcome.status = (*head)->status;
  if (keep_body) {
    TP_CO_TRY(outcome.kept, co_await connection_->read_whole_body(kKeptLimitBytes));
    outcome.bytes = outcome.kept.size();
    co_return outcome;
  }
  for (;;) {
    auto got = co_await connection_->read_body(sink_);
    if (!got) {
      connection_.reset();
      co_return std::unexpected(std::move(got).error());
    }
    if (*got == 0) co_return outcome;
    outcome.bytes += *got;
  }
}

}  // namespace tp::bench
