#include "front/s3/post/post_attributes.h"

#include <algorithm>

#include "base/hash/checksum.h"
#include "front/s3/lock/lock_headers.h"
#include "front/s3/message/access_list.h"
#include "front/s3/message/body_reader.h"
#include "front/s3/message/object_headers.h"
#include "front/s3/message/tagging.h"
#include "wire/http/byte_scan.h"
#include "wire/text/encoded_word.h"
#include "wire/text/utf8.h"

namespace tp::s3 {

namespace {

constexpr std::string_view kMetadataPrefix = "x-amz-meta-";
constexpr size_t kMd5Bytes = 16;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

// While it lives, the form's fields are the request's headers, so that both are parsed by the same rules.
class FieldsAsHeaders {
 public:
  FieldsAsHeaders(S3Request& request, const PostForm& form) : request_(request), kept_(request.headers) {
    for (const wire::FormField& field : form.fields()) {
      const bool is_acl = wire::equal_ignoring_case(field.name, "acl");
      list_.push_back({is_acl ? std::string_view("x-amz-acl") : std::string_view(field.name), field.value});
    }
    request_.headers = HeaderScan(list_);
  }
  ~FieldsAsHeaders() { request_.headers = kept_; }
  FieldsAsHeaders(const FieldsAsHeaders&) = delete;
  FieldsAsHeaders& operator=(const FieldsAsHeaders&) = delete;

 private:
  S3Request& request_;
  HeaderScan kept_;
  wire::HeaderList list_;
};

Result<meta::HeaderList> parse_metadata(const PostForm& form) {
  meta::HeaderList metadata;
  size_t bytes = 0;
  for (const wire::FormField& field : form.fields()) {
    if (!wire::starts_with_ignoring_case(field.name, kMetadataPrefix)) continue;
    std::string name = lower(std::string_view(field.name).substr(kMetadataPrefix.size()));
    if (name.empty() || !std::ranges::all_of(name, wire::is_token_char) || !wire::is_valid_utf8(field.value)) {
      return s3_fail(S3Code::kInvalidArgument, "The form's user metadata is not valid.");
    }
    Bytes value = wire::decode_encoded_words(field.value);
    bytes += name.size() + value.size();
    if (bytes > kMaxUserMetadataBytes) return s3_fail(S3Code::kMetadataTooLarge);
    metadata.emplace_back(std::move(name), std::move(value));
  }
  return metadata;
}

Result<void> parse_checksum(const wire::FormField& field, PostAttributes& out) {
  const auto algorithm = checksum_of_header(lower(field.name));
  if (!algorithm) return ok;
  Bytes raw;
  if (out.expected.checksum || !from_base64(field.value, &raw) || raw.size() != digest_size(*algorithm)) {
    return s3_fail(S3Code::kInvalidRequest, "Value for " + lower(field.name) + " field is invalid.");
  }
  out.checksum_algorithm = *algorithm;
  out.expected.checksum = std::move(raw);
  return ok;
}

Result<void> parse_digests(const PostForm& form, PostAttributes& out) {
  for (const wire::FormField& field : form.fields()) TP_TRY_VOID(parse_checksum(field, out));
  if (const auto md5_text = form.field("content-md5")) {
    Bytes raw;
    if (!from_base64(*md5_text, &raw) || raw.size() != kMd5Bytes) return s3_fail(S3Code::kInvalidDigest);
    out.expected.md5 = std::move(raw);
  }
  if (out.expected.checksum) return ok;
  if (const auto name = form.field("x-amz-checksum-algorithm")) {
    const auto algorithm = checksum_from_name(*name);
    if (!algorithm) return s3_fail(S3Code::kInvalidRequest, "Checksum algorithm provided is unsupported.");
    out.checksum_algorithm = *algorithm;
  }
  return ok;
}

}  // namespace

Result<PostAttributes> parse_post_attributes(S3Request& request, const PostForm& form) {
  PostAttributes out;
  {
    const FieldsAsHeaders fields(request, form);
    TP_TRY_VOID(refuse_unsupported_headers(request));
    TP_TRY(out.attributes.headers, parse_system_headers(request));
    TP_TRY(out.attributes.storage_class, parse_storage_class(request));
    TP_TRY(out.attributes.access, parse_new_object_access(request));
    TP_TRY_VOID(parse_lock_headers(request, &out.attributes));
  }
  TP_TRY(out.attributes.user_metadata, parse_metadata(form));
  if (const auto tagging = form.field("tagging")) {
    TP_TRY(out.attributes.tags, parse_tagging_document(*tagging, kMaxObjectTags));
  }
  TP_TRY_VOID(parse_digests(form, out));
  return out;
}

}  // namespace tp::s3
