// Access lists between the plane's grants and S3's three spellings of them: canned names, x-amz-grant-* fields, and the
// AccessControlPolicy document. Spec: S3 user guide, "Access control list (ACL) overview".
#pragma once

#include <optional>
#include <string_view>

#include "front/s3/core/s3_request.h"
#include "meta/access_list.h"
#include "wire/text/xml_writer.h"

namespace tp::s3 {

inline constexpr size_t kMaxGrants = 100;

/// Who the list is for: canned names mean different grants by it.
struct AccessOwners {
  std::string_view owner;         // of the object or bucket that gets the list
  std::string_view bucket_owner;  // the same for a bucket
};

/// Whether the request names an ACL in its fields.
bool has_access_headers(const S3Request& request);
/// From x-amz-acl or x-amz-grant-*; empty (the owner alone) if there is none. Errors: InvalidArgument, InvalidRequest
/// (both given), UnresolvableGrantByEmailAddress.
Result<meta::AccessList> parse_access_headers(const S3Request& request, const AccessOwners& owners);
/// For an object that the caller is about to make in request.bucket.
Result<meta::AccessList> parse_new_object_access(const S3Request& request);
/// From an AccessControlPolicy document. MalformedACLError, InvalidArgument (no such user), ...
Result<meta::AccessList> parse_access_document(const S3Request& request, BytesView xml);
/// From either, as PutBucketAcl and PutObjectAcl take them: fields, else the body, which is read here.
Task<meta::AccessList> read_access_list(S3Request& request, AccessOwners owners);

/// The AccessControlPolicy document. An empty list is written as what it means.
Bytes access_document(const S3Request& request, std::string_view owner, const meta::AccessList& access);
/// <Owner><ID>...</ID><DisplayName>...</DisplayName></Owner>; `name` may be "Owner" or "Initiator".
void append_owner(wire::XmlWriter& xml, const plane::UserDirectory& users, std::string_view name,
                  std::string_view user_id);

}  // namespace tp::s3
