// S3Request: one request from its head to its answer: what was asked, by whom, and the helpers to answer it. Lives in
// the front's coroutine frame; handlers borrow it. Belongs to one loop.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "front/s3/core/header_scan.h"
#include "front/s3/core/operation.h"
#include "front/s3/core/s3_error.h"
#include "net/http_exchange.h"
#include "plane/plane.h"
#include "wire/aws/sigv4.h"
#include "wire/text/uri.h"

namespace tp::s3 {

class S3Front;

class S3Request {
 public:
  S3Request(S3Front& front_in, net::HttpExchange& http_in, plane::Plane& plane_in);
  S3Request(const S3Request&) = delete;
  S3Request& operator=(const S3Request&) = delete;

  S3Front& front;
  net::HttpExchange& http;
  plane::Plane& plane;
  const wire::RequestHead& head;
  HeaderScan headers;
  std::vector<wire::QueryParam> query;      // decoded; set by the router

  Operation operation = Operation::kUnknown;
  std::string bucket;                       // empty: a request to the service
  bool virtual_hosted = false;              // the host named the bucket
  std::string key;                          // decoded, valid UTF-8; empty: a request to the bucket

  plane::Caller caller;                     // anonymous unless the signature was verified
  wire::SigV4Claim claim;                   // form kAnonymous: not signed
  std::optional<wire::VerifiedSignature> signature;

  std::array<char, 16> request_id{};
  rt::Nanos wall_time = 0;                  // when it began
  rt::Nanos started = 0;                    // the same, monotonic
  std::string error_details;                // finished XML elements for the error document, if there will be one
  std::string_view error_code;              // what was answered, for the log

  std::string_view id() const { return {request_id.data(), request_id.size()}; }
  /// With the version that the request names, if it does.
  plane::ObjectRef object() const { return {bucket, key, std::string(param("versionId"))}; }
  bool anonymous() const { return caller.anonymous(); }
  bool is_head() const { return head.method == wire::HttpMethod::kHead; }
  int64_t now_seconds() const { return wall_time / rt::kSecond; }

  bool has(HeaderId header_id) const { return headers.has(header_id); }
  std::string_view header(HeaderId header_id) const { return headers.text(header_id); }
  bool has_param(std::string_view name) const { return wire::find_query_param(query, name) != nullptr; }
  /// The first query parameter of that name; empty if there is none.
  std::string_view param(std::string_view name) const {
    const wire::QueryParam* found = wire::find_query_param(query, name);
    return found == nullptr ? std::string_view() : std::string_view(found->value);
  }
  /// A number in [minimum, maximum], `fallback` if there is no such parameter, InvalidArgument otherwise.
  Result<uint64_t> number_param(std::string_view name, uint64_t fallback, uint64_t minimum, uint64_t maximum);
  Result<std::optional<uint64_t>> number_header(HeaderId header_id, uint64_t maximum);
  /// ?versionId, if it is there, is one that a version may have: InvalidArgument.
  Result<void> check_version_id();

  /// Begins the answer with what every S3 answer carries (request ids, CORS). The handler adds its headers and calls
  /// http.finish(), http.begin_body() or one of these:
  wire::ResponseHeadWriter start(int status);
  Task<void> answer_empty(int status);
  /// `xml` with its declaration; Content-Type application/xml.
  Task<void> answer_xml(int status, Bytes xml);
  /// Adds <name>value</name> to the error document, should this request end in one.
  void add_error_detail(std::string_view name, std::string_view value);
};

}  // namespace tp::s3
