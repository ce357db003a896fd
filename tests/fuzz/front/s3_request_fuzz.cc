// From a request head to its operation: address, key, route, ranges. Whatever comes in, a key that is let through is a
// key, and an operation that comes out is one.
#include "front/s3/core/router.h"
#include "front/s3/core/s3_error.h"
#include "front/s3/message/range.h"
#include "wire/fuzz_input.h"
#include "wire/http/head_parser.h"
#include "wire/text/utf8.h"

namespace {

using namespace tp;

void check_error(const Error& error) {
  const s3::S3Error answer = s3::s3_error_of(error);
  fuzz::require(answer.status >= 400 && !answer.name.empty());
}

void check_range(const wire::RequestHead& head, const s3::HeaderScan& headers) {
  const std::string_view field = headers.text(s3::HeaderId::kRange);
  for (const uint64_t size : {uint64_t{0}, uint64_t{1}, uint64_t{1000}, UINT64_MAX / 2}) {
    const auto range = s3::parse_range(field, size);
    if (!range || !*range) continue;
    fuzz::require((*range)->size_bytes > 0 && (*range)->offset + (*range)->size_bytes <= size);
  }
  if (const auto range = s3::parse_copy_source_range(field)) fuzz::require(range->size_bytes > 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const fuzz::ExactCopy copy(fuzz::text_of(data, size));
  wire::HeadParser parser;
  wire::RequestHead head;
  const auto status = parser.parse_request(copy.view(), head);
  if (!status || *status != wire::HeadStatus::kComplete) return 0;
  const std::string domains[] = {"s3.example.com", "example.com"};
  const auto address = s3::parse_address(head, domains);
  if (!address) {
    check_error(address.error());
    return 0;
  }
  if (const auto checked = s3::check_key(address->key)) {
    fuzz::require(wire::is_valid_utf8(address->key) && address->key.size() <= 1024);
  }
  const auto query = wire::parse_query(head.query);
  if (!query) return 0;
  const s3::HeaderScan headers(head.headers);
  check_range(head, headers);
  const auto operation = s3::route(head, *address, headers, *query);
  if (!operation) {
    check_error(operation.error());
  } else {
    fuzz::require(static_cast<size_t>(*operation) < s3::kOperationCount && *operation != s3::Operation::kUnknown);
  }
  return 0;
}
