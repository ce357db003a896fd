// S3Front: the S3 API over a plane. Parses, authenticates and routes each request, calls its operation's handler, turns
// errors into S3's documents, and reports what happened. It decides nothing about rights or data: the plane does.
// One front serves all loops; what is mutable is per loop. Spec: S3 API reference.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "front/s3/core/access_log.h"
#include "front/s3/core/operation.h"
#include "net/http_server.h"
#include "plane/plane.h"
#include "rt/env/rng.h"
#include "rt/runtime.h"
#include "wire/aws/signing_key.h"

namespace tp::s3 {

class S3Front final : public net::HttpHandler {
 public:
  struct Options {
    plane::Plane* plane = nullptr;
    rt::Runtime* runtime = nullptr;
    std::vector<std::string> domains;      // "s3.example.com": then bucket.s3.example.com is virtual-hosted addressing
    std::string region = "us-east-1";      // what GetBucketLocation and HeadBucket say of the default region
    bool demand_region = false;            // refuse signatures made for another region
    AccessLogSink* access_log = nullptr;   // null: none
    MetricsSink* metrics = nullptr;        // null: none
  };
  explicit S3Front(Options options);
  ~S3Front() override;

  Task<void> handle(net::HttpExchange& exchange) override;
  Bytes malformed_answer(int status, const Error& error, std::string* content_type) override;

  const Options& options() const { return options_; }
  plane::Plane& plane() const { return *options_.plane; }
  /// x-amz-id-2 and HostId: names this process.
  std::string_view host_id() const { return host_id_; }
  /// The handler of `operation`, or null: not built.
  Handler handler(Operation operation) const { return handlers_[static_cast<size_t>(operation)]; }
  /// The current loop's cache of signing keys.
  wire::SigningKeyCache& signing_keys();

 private:
  struct PerLoop;

  PerLoop& here();
  Result<void> prepare(S3Request& request);
  Task<void> answer_error(S3Request& request, const Error& error);
  void report(S3Request& request);

  Options options_;
  std::string host_id_;
  std::array<Handler, kOperationCount> handlers_{};
  std::vector<std::unique_ptr<PerLoop>> loops_;
};

}  // namespace tp::s3
