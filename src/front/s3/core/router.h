// The router: where a request points (service, bucket, key) and which Operation it is. Pure: looks at the head only.
// Spec: S3 API reference, the request syntax of each action; user guide, "Virtual hosting of buckets".
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "front/s3/core/header_scan.h"
#include "front/s3/core/operation.h"
#include "wire/http/request_head.h"
#include "wire/text/uri.h"

namespace tp::s3 {

struct Address {
  std::string bucket;
  std::string key;
  bool virtual_hosted = false;  // the host named the bucket
};

/// Decodes where the request points. A host that is one of `domains` (or localhost) with a label before it is
/// virtual-hosted; any other host is path style. Errors: InvalidURI, KeyTooLongError.
Result<Address> parse_address(const wire::RequestHead& head, std::span<const std::string> domains);

/// A key as it came after decoding: not empty, valid UTF-8, at most 1024 bytes. It is a name and never a path.
Result<void> check_key(std::string_view key);
/// Of a key that is looked up or removed only: file protocols make names of any bytes, and longer paths.
Result<void> check_lookup_key(std::string_view key);

/// Which operation it is; built or not is the registry's matter. MethodNotAllowed where the resource exists but has no
/// such method.
Result<Operation> route(const wire::RequestHead& head, const Address& address, const HeaderScan& headers,
                        std::span<const wire::QueryParam> query);

}  // namespace tp::s3
