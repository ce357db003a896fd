#include "front/s3/core/router.h"

#include <array>

#include "front/s3/core/s3_error.h"
#include "plane/object_types.h"
#include "wire/text/utf8.h"

namespace tp::s3 {

namespace {

using wire::HttpMethod;
using enum Operation;

// A sub-resource: the query parameter that names it and what each method does with it. kUnknown: no such method.
struct SubResource {
  std::string_view name;
  Operation get = kUnknown;
  Operation put = kUnknown;
  Operation remove = kUnknown;
  Operation post = kUnknown;
  Operation get_without_id = kUnknown;  // where ?id= tells one configuration from the list of them
};

constexpr std::array kBucketResources = {
    SubResource{"abac", kGetBucketAbac, kPutBucketAbac},
    SubResource{"accelerate", kGetBucketAccelerateConfiguration, kPutBucketAccelerateConfiguration},
    SubResource{"acl", kGetBucketAcl, kPutBucketAcl},
    SubResource{"analytics", kGetBucketAnalyticsConfiguration, kPutBucketAnalyticsConfiguration,
                kDeleteBucketAnalyticsConfiguration, kUnknown, kListBucketAnalyticsConfigurations},
    SubResource{"cors", kGetBucketCors, kPutBucketCors, kDeleteBucketCors},
    SubResource{"delete", kUnknown, kUnknown, kUnknown, kDeleteObjects},
    SubResource{"encryption", kGetBucketEncryption, kPutBucketEncryption, kDeleteBucketEncryption},
    SubResource{"intelligent-tiering", kGetBucketIntelligentTieringConfiguration,
                kPutBucketIntelligentTieringConfiguration, kDeleteBucketIntelligentTieringConfiguration, kUnknown,
                kListBucketIntelligentTieringConfigurations},
    SubResource{"inventory", kGetBucketInventoryConfiguration, kPutBucketInventoryConfiguration,
                kDeleteBucketInventoryConfiguration, kUnknown, kListBucketInventoryConfigurations},
    SubResource{"lifecycle", kGetBucketLifecycleConfiguration, kPutBucketLifecycleConfiguration,
                kDeleteBucketLifecycle},
    SubResource{"location", kGetBucketLocation},
    SubResource{"logging", kGetBucketLogging, kPutBucketLogging},
    SubResource{"metadataConfiguration", kGetBucketMetadataConfiguration, kUnknown,
                kDeleteBucketMetadataConfiguration, kCreateBucketMetadataConfiguration},
    SubResource{"metadataInventoryTable", kUnknown, kUpdateBucketMetadataInventoryTableConfiguration},
    SubResource{"metadataJournalTable", kUnknown, kUpdateBucketMetadataJournalTableConfiguration},
    SubResource{"metadataTable", kGetBucketMetadataTableConfiguration, kUnknown,
                kDeleteBucketMetadataTableConfiguration, kCreateBucketMetadataTableConfiguration},
    SubResource{"metrics", kGetBucketMetricsConfiguration, kPutBucketMetricsConfiguration,
                kDeleteBucketMetricsConfiguration, kUnknown, kListBucketMetricsConfigurations},
    SubResource{"notification", kGetBucketNotificationConfiguration, kPutBucketNotificationConfiguration},
    SubResource{"object-lock", kGetObjectLockConfiguration, kPutObjectLockConfiguration},
    SubResource{"ownershipControls", kGetBucketOwnershipControls, kPutBucketOwnershipControls,
                kDeleteBucketOwnershipControls},
    SubResource{"policy", kGetBucketPolicy, kPutBucketPolicy, kDeleteBucketPolicy},
    SubResource{"policyStatus", kGetBucketPolicyStatus},
    SubResource{"publicAccessBlock", kGetPublicAccessBlock, kPutPublicAccessBlock, kDeletePublicAccessBlock},
    SubResource{"replication", kGetBucketReplication, kPutBucketReplication, kDeleteBucketReplication},
    SubResource{"requestPayment", kGetBucketRequestPayment, kPutBucketRequestPayment},
    SubResource{"session", kCreateSession},
    SubResource{"tagging", kGetBucketTagging, kPutBucketTagging, kDeleteBucketTagging},
    SubResource{"uploads", kListMultipartUploads},
    SubResource{"versioning", kGetBucketVersioning, kPutBucketVersioning},
    SubResource{"versions", kListObjectVersions},
    SubResource{"website", kGetBucketWebsite, kPutBucketWebsite, kDeleteBucketWebsite},
};

constexpr std::array kObjectResources = {
    SubResource{"acl", kGetObjectAcl, kPutObjectAcl},
    SubResource{"annotation", kGetObjectAnnotation, kPutObjectAnnotation, kDeleteObjectAnnotation},
    SubResource{"annotations", kListObjectAnnotations},
    SubResource{"attributes", kGetObjectAttributes},
    SubResource{"encryption", kUnknown, kUpdateObjectEncryption},
    SubResource{"legal-hold", kGetObjectLegalHold, kPutObjectLegalHold},
    SubResource{"renameObject", kUnknown, kRenameObject},
    SubResource{"restore", kUnknown, kUnknown, kUnknown, kRestoreObject},
    SubResource{"retention", kGetObjectRetention, kPutObjectRetention},
    SubResource{"select", kUnknown, kUnknown, kUnknown, kSelectObjectContent},
    SubResource{"tagging", kGetObjectTagging, kPutObjectTagging, kDeleteObjectTagging},
    SubResource{"torrent", kGetObjectTorrent},
    SubResource{"uploadId", kListParts, kUploadPart, kAbortMultipartUpload, kCompleteMultipartUpload},
    SubResource{"uploads", kUnknown, kUnknown, kUnknown, kCreateMultipartUpload},
};

const SubResource* find_resource(std::span<const SubResource> resources,
                                 std::span<const wire::QueryParam> query) noexcept {
  for (const wire::QueryParam& param : query) {
    for (const SubResource& resource : resources) {
      if (resource.name == param.name) return &resource;
    }
  }
  return nullptr;
}

Operation of_resource(const SubResource& resource, HttpMethod method, std::span<const wire::QueryParam> query) {
  switch (method) {
    case HttpMethod::kGet:
      if (resource.get_without_id != kUnknown && wire::find_query_param(query, "id") == nullptr) {
        return resource.get_without_id;
      }
      return resource.get;
    case HttpMethod::kPut: return resource.put;
    case HttpMethod::kDelete: return resource.remove;
    case HttpMethod::kPost: return resource.post;
    case HttpMethod::kHead:
    case HttpMethod::kOptions:
    case HttpMethod::kPatch:
    case HttpMethod::kOther: break;
  }
  return kUnknown;
}

Operation of_bucket(HttpMethod method, std::span<const wire::QueryParam> query) {
  if (method == HttpMethod::kHead) return kHeadBucket;
  if (const SubResource* resource = find_resource(kBucketResources, query)) {
    return of_resource(*resource, method, query);
  }
  if (method == HttpMethod::kGet) {
    const wire::QueryParam* type = wire::find_query_param(query, "list-type");
    return type != nullptr && type->value == "2" ? kListObjectsV2 : kListObjects;
  }
  if (method == HttpMethod::kPut) return kCreateBucket;
  if (method == HttpMethod::kDelete) return kDeleteBucket;
  if (method == HttpMethod::kPost) return kPostObject;
  return kUnknown;
}

Operation of_object(HttpMethod method, const HeaderScan& headers, std::span<const wire::QueryParam> query) {
  if (method == HttpMethod::kHead) return kHeadObject;
  if (const SubResource* resource = find_resource(kObjectResources, query)) {
    const Operation operation = of_resource(*resource, method, query);
    if (operation == kUploadPart && headers.has(HeaderId::kCopySource)) return kUploadPartCopy;
    return operation;
  }
  if (method == HttpMethod::kGet) return kGetObject;
  if (method == HttpMethod::kDelete) return kDeleteObject;
  if (method != HttpMethod::kPut) return kUnknown;
  if (headers.has(HeaderId::kCopySource)) return kCopyObject;
  if (headers.has(HeaderId::kRenameSource)) return kRenameObject;
  return kPutObject;
}

std::string_view host_name(std::string_view host) {
  if (host.starts_with('[')) return {};  // an IPv6 address is nobody's domain
  return host.substr(0, host.find(':'));
}

// "bucket" of "bucket.domain"; empty if the host is not of that domain.
std::string_view label_before(std::string_view host, std::string_view domain) {
  if (host.size() < domain.size() + 2) return {};
  const size_t dot = host.size() - domain.size() - 1;
  if (host[dot] != '.' || !wire::equal_ignoring_case(host.substr(dot + 1), domain)) return {};
  return host.substr(0, dot);
}

std::string_view virtual_bucket(std::string_view host, std::span<const std::string> domains) {
  const std::string_view name = host_name(host);
  // Of nested domains the longest counts: with s3.example.com and example.com, s3.example.com itself is no bucket.
  std::string_view bucket;
  bool found = false;
  const auto consider = [&](std::string_view domain) {
    if (wire::equal_ignoring_case(name, domain)) {
      bucket = {};
      found = true;
    } else if (const std::string_view label = label_before(name, domain); !label.empty()) {
      if (!found || label.size() < bucket.size()) bucket = label;
      found = true;
    }
  };
  for (const std::string& domain : domains) consider(domain);
  if (!found) consider("localhost");
  return bucket;
}

Result<std::string> decode(std::string_view text) {
  std::string out;
  if (!wire::append_percent_decoded(out, text, wire::Plus::kLiteral)) return s3_fail(S3Code::kInvalidUri);
  return out;
}

}  // namespace

Result<Address> parse_address(const wire::RequestHead& head, std::span<const std::string> domains) {
  if (!head.path.starts_with('/')) return s3_fail(S3Code::kInvalidUri);
  Address address;
  std::string_view rest = head.path.substr(1);
  const std::string_view virtual_name = virtual_bucket(head.host, domains);
  if (!virtual_name.empty()) {
    address.virtual_hosted = true;
    // Host names are compared without case, bucket names are lower case.
    for (const char c : virtual_name) address.bucket.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c);
  } else {
    const size_t slash = rest.find('/');
    TP_TRY(address.bucket, decode(rest.substr(0, slash)));
    rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
    if (address.bucket.empty() && !rest.empty()) return s3_fail(S3Code::kInvalidBucketName);
  }
  TP_TRY(address.key, decode(rest));
  return address;
}

Result<void> check_key(std::string_view key) {
  if (key.empty()) return s3_fail(S3Code::kUserKeyMustBeSpecified, "An object key must be specified.");
  if (key.size() > plane::kMaxKeyBytes) return s3_fail(S3Code::kKeyTooLongError);
  if (!wire::is_valid_utf8(key)) return s3_fail(S3Code::kInvalidUri, "The key is not valid UTF-8.");
  return ok;
}

Result<void> check_lookup_key(std::string_view key) {
  if (key.empty()) return s3_fail(S3Code::kUserKeyMustBeSpecified, "An object key must be specified.");
  if (key.size() > plane::kMaxLookupBytes) return s3_fail(S3Code::kKeyTooLongError);
  return ok;
}

Result<Operation> route(const wire::RequestHead& head, const Address& address, const HeaderScan& headers,
                        std::span<const wire::QueryParam> query) {
  if (head.method == HttpMethod::kOptions) return kOptionsPreflight;
  Operation operation = kUnknown;
  if (address.bucket.empty()) {
    if (head.method == HttpMethod::kGet) operation = kListBuckets;
  } else if (address.key.empty()) {
    operation = of_bucket(head.method, query);
  } else {
    operation = of_object(head.method, headers, query);
  }
  if (operation == kUnknown) return s3_fail(S3Code::kMethodNotAllowed);
  return operation;
}

}  // namespace tp::s3
