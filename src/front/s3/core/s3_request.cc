#include "front/s3/core/s3_request.h"

#include <charconv>

#include "front/s3/bucket/bucket_handlers.h"
#include "front/s3/core/s3_front.h"
#include "front/s3/versions/version_headers.h"
#include "wire/text/xml_writer.h"

namespace tp::s3 {

namespace {

std::optional<uint64_t> parse_number(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

// The address without its port: "1.2.3.4:5" and "[::1]:5".
std::string_view without_port(std::string_view address) {
  if (address.starts_with('[')) return address.substr(1, address.find(']') - 1);
  const size_t colon = address.find(':');
  return colon == address.rfind(':') ? address.substr(0, colon) : address;
}

}  // namespace

S3Request::S3Request(S3Front& front_in, net::HttpExchange& http_in, plane::Plane& plane_in)
    : front(front_in), http(http_in), plane(plane_in), head(http_in.head()), headers(head.headers) {
  caller.source_ip = without_port(http.peer_address());
  caller.secure_transport = http.encrypted();
}

Result<uint64_t> S3Request::number_param(std::string_view name, uint64_t fallback, uint64_t minimum,
                                         uint64_t maximum) {
  const wire::QueryParam* found = wire::find_query_param(query, name);
  if (found == nullptr) return fallback;
  const std::optional<uint64_t> value = parse_number(found->value);
  if (value && *value >= minimum && *value <= maximum) return *value;
  add_error_detail("ArgumentName", name);
  add_error_detail("ArgumentValue", found->value);
  return s3_fail(S3Code::kInvalidArgument, std::string(name) + " must be an integer between " +
                                               std::to_string(minimum) + " and " + std::to_string(maximum));
}

Result<std::optional<uint64_t>> S3Request::number_header(HeaderId header_id, uint64_t maximum) {
  if (!has(header_id)) return std::optional<uint64_t>();
  const std::optional<uint64_t> value = parse_number(header(header_id));
  if (value && *value <= maximum) return value;
  add_error_detail("ArgumentName", header_name(header_id));
  add_error_detail("ArgumentValue", header(header_id));
  return s3_fail(S3Code::kInvalidArgument,
                 std::string(header_name(header_id)) + " must be an integer from 0 to " + std::to_string(maximum));
}

Result<void> S3Request::check_version_id() {
  const wire::QueryParam* found = wire::find_query_param(query, "versionId");
  return found == nullptr ? ok : check_version_text(*this, found->value);
}

wire::ResponseHeadWriter S3Request::start(int status) {
  wire::ResponseHeadWriter writer = http.start_response(status);
  writer.header("x-amz-request-id", id());
  writer.header("x-amz-id-2", front.host_id());
  if (has(HeaderId::kOrigin)) append_cors_headers(*this, writer);
  return writer;
}

Task<void> S3Request::answer_empty(int status) {
  start(status);
  co_return co_await http.finish({});
}

Task<void> S3Request::answer_xml(int status, Bytes xml) {
  start(status).header("Content-Type", "application/xml");
  co_return co_await http.finish(xml);
}

void S3Request::add_error_detail(std::string_view name, std::string_view value) {
  wire::XmlWriter(error_details).element(name, value);
}

}  // namespace tp::s3
