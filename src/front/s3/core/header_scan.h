// HeaderScan: one pass over a request's fields that files the ones S3 knows by number, so that nothing is looked up by
// name again. Views point into the request head.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "wire/http/header.h"

// NOLINTNEXTLINE(cppcoreguidelines-macro-usage): numbers and names must not drift apart
#define TP_S3_HEADERS(X) \
  X(AccessControlRequestHeaders, "access-control-request-headers") \
  X(AccessControlRequestMethod, "access-control-request-method") \
  X(CacheControl, "cache-control") \
  X(ContentDisposition, "content-disposition") \
  X(ContentEncoding, "content-encoding") \
  X(ContentLanguage, "content-language") \
  X(ContentMd5, "content-md5") \
  X(ContentType, "content-type") \
  X(Expires, "expires") \
  X(IfMatch, "if-match") \
  X(IfModifiedSince, "if-modified-since") \
  X(IfNoneMatch, "if-none-match") \
  X(IfRange, "if-range") \
  X(IfUnmodifiedSince, "if-unmodified-since") \
  X(Origin, "origin") \
  X(Range, "range") \
  X(UserAgent, "user-agent") \
  X(Acl, "x-amz-acl") \
  X(BucketObjectLockEnabled, "x-amz-bucket-object-lock-enabled") \
  X(BypassGovernanceRetention, "x-amz-bypass-governance-retention") \
  X(ChecksumAlgorithm, "x-amz-checksum-algorithm") \
  X(ChecksumCrc32, "x-amz-checksum-crc32") \
  X(ChecksumCrc32c, "x-amz-checksum-crc32c") \
  X(ChecksumCrc64Nvme, "x-amz-checksum-crc64nvme") \
  X(ChecksumMd5, "x-amz-checksum-md5") \
  X(ChecksumMode, "x-amz-checksum-mode") \
  X(ChecksumSha1, "x-amz-checksum-sha1") \
  X(ChecksumSha256, "x-amz-checksum-sha256") \
  X(ChecksumSha512, "x-amz-checksum-sha512") \
  X(ChecksumType, "x-amz-checksum-type") \
  X(ChecksumXxh128, "x-amz-checksum-xxhash128") \
  X(ChecksumXxh3, "x-amz-checksum-xxhash3") \
  X(ChecksumXxh64, "x-amz-checksum-xxhash64") \
  X(ClientToken, "x-amz-client-token") \
  X(ContentSha256, "x-amz-content-sha256") \
  X(CopySource, "x-amz-copy-source") \
  X(CopySourceIfMatch, "x-amz-copy-source-if-match") \
  X(CopySourceIfModifiedSince, "x-amz-copy-source-if-modified-since") \
  X(CopySourceIfNoneMatch, "x-amz-copy-source-if-none-match") \
  X(CopySourceIfUnmodifiedSince, "x-amz-copy-source-if-unmodified-since") \
  X(CopySourceRange, "x-amz-copy-source-range") \
  X(CopySourceSseCustomerAlgorithm, "x-amz-copy-source-server-side-encryption-customer-algorithm") \
  X(DecodedContentLength, "x-amz-decoded-content-length") \
  X(ExpectedBucketOwner, "x-amz-expected-bucket-owner") \
  X(GrantFullControl, "x-amz-grant-full-control") \
  X(GrantRead, "x-amz-grant-read") \
  X(GrantReadAcp, "x-amz-grant-read-acp") \
  X(GrantWrite, "x-amz-grant-write") \
  X(GrantWriteAcp, "x-amz-grant-write-acp") \
  X(IfMatchInitiatedTime, "x-amz-if-match-initiated-time") \
  X(IfMatchLastModifiedTime, "x-amz-if-match-last-modified-time") \
  X(IfMatchSize, "x-amz-if-match-size") \
  X(MaxParts, "x-amz-max-parts") \
  X(MetadataDirective, "x-amz-metadata-directive") \
  X(MpObjectSize, "x-amz-mp-object-size") \
  X(ObjectAttributes, "x-amz-object-attributes") \
  X(ObjectLockLegalHold, "x-amz-object-lock-legal-hold") \
  X(ObjectLockMode, "x-amz-object-lock-mode") \
  X(ObjectLockRetainUntilDate, "x-amz-object-lock-retain-until-date") \
  X(ObjectOwnership, "x-amz-object-ownership") \
  X(OptionalObjectAttributes, "x-amz-optional-object-attributes") \
  X(PartNumberMarker, "x-amz-part-number-marker") \
  X(RenameSource, "x-amz-rename-source") \
  X(RenameSourceIfMatch, "x-amz-rename-source-if-match") \
  X(RenameSourceIfModifiedSince, "x-amz-rename-source-if-modified-since") \
  X(RenameSourceIfNoneMatch, "x-amz-rename-source-if-none-match") \
  X(RenameSourceIfUnmodifiedSince, "x-amz-rename-source-if-unmodified-since") \
  X(SdkChecksumAlgorithm, "x-amz-sdk-checksum-algorithm") \
  X(ServerSideEncryption, "x-amz-server-side-encryption") \
  X(SourceExpectedBucketOwner, "x-amz-source-expected-bucket-owner") \
  X(SseCustomerAlgorithm, "x-amz-server-side-encryption-customer-algorithm") \
  X(SseKmsKeyId, "x-amz-server-side-encryption-aws-kms-key-id") \
  X(StorageClass, "x-amz-storage-class") \
  X(Tagging, "x-amz-tagging") \
  X(TaggingDirective, "x-amz-tagging-directive") \
  X(Trailer, "x-amz-trailer") \
  X(TransitionMinimumObjectSize, "x-amz-transition-default-minimum-object-size") \
  X(WebsiteRedirectLocation, "x-amz-website-redirect-location") \
  X(WriteOffsetBytes, "x-amz-write-offset-bytes")

namespace tp::s3 {

enum class HeaderId : uint8_t {
#define TP_S3_HEADER(id, name) k##id,
  TP_S3_HEADERS(TP_S3_HEADER)
#undef TP_S3_HEADER
  kCount,
};

/// The lower-case name.
std::string_view header_name(HeaderId id) noexcept;

class HeaderScan {
 public:
  HeaderScan() = default;
  /// Of a field that comes twice the first counts. The list outlives the scan.
  explicit HeaderScan(const wire::HeaderList& headers) noexcept;

  bool has(HeaderId id) const noexcept { return values_[static_cast<size_t>(id)].data() != nullptr; }
  /// Empty if there is none; has() tells an empty field from none.
  std::string_view text(HeaderId id) const noexcept { return values_[static_cast<size_t>(id)]; }
  std::optional<std::string_view> find(HeaderId id) const noexcept {
    return has(id) ? std::optional(text(id)) : std::nullopt;
  }
  /// Files one more field, unless it came before: a presigned request carries x-amz-* fields as query parameters.
  void add(const wire::HeaderField& field) noexcept;
  /// Whether any x-amz-meta-* field came.
  bool has_user_metadata() const noexcept { return has_user_metadata_; }

 private:
  std::array<std::string_view, static_cast<size_t>(HeaderId::kCount)> values_{};
  bool has_user_metadata_ = false;
};

}  // namespace tp::s3
