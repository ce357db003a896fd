#include "front/s3/message/object_headers.h"

#include <algorithm>
#include <array>

#include "front/s3/lock/lock_headers.h"
#include "front/s3/message/access_list.h"
#include "front/s3/message/body_reader.h"
#include "front/s3/message/tagging.h"
#include "front/s3/message/xml_response.h"
#include "wire/text/encoded_word.h"
#include "wire/text/timestamp.h"
#include "wire/text/utf8.h"

namespace tp::s3 {

namespace {

constexpr std::string_view kMetaPrefix = "x-amz-meta-";
constexpr std::string_view kDefaultContentType = "binary/octet-stream";

struct SystemHeader {
  HeaderId id;
  std::string_view spelled;  // as answers have it
};
constexpr std::array kSystemHeaders = {
    SystemHeader{HeaderId::kContentType, "Content-Type"},
    SystemHeader{HeaderId::kCacheControl, "Cache-Control"},
    SystemHeader{HeaderId::kContentDisposition, "Content-Disposition"},
    SystemHeader{HeaderId::kContentEncoding, "Content-Encoding"},
    SystemHeader{HeaderId::kContentLanguage, "Content-Language"},
    SystemHeader{HeaderId::kExpires, "Expires"},
    SystemHeader{HeaderId::kWebsiteRedirectLocation, "x-amz-website-redirect-location"},
};

// aws-chunked is of the way here and not of the object.
std::string without_aws_chunked(std::string_view codings) {
  std::string kept;
  while (!codings.empty()) {
    std::string_view coding = codings.substr(0, codings.find(','));
    codings.remove_prefix(std::min(codings.size(), coding.size() + 1));
    while (coding.starts_with(' ')) coding.remove_prefix(1);
    while (coding.ends_with(' ')) coding.remove_suffix(1);
    if (coding.empty() || wire::equal_ignoring_case(coding, "aws-chunked")) continue;
    if (!kept.empty()) kept += ",";
    kept += coding;
  }
  return kept;
}

// Bytes that are no UTF-8 are Latin-1, which is what HTTP fields once were.
std::string to_utf8(std::string_view text) {
  if (wire::is_valid_utf8(text)) return std::string(text);
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    if (byte < 0x80) {
      out.push_back(c);
    } else {
      out.push_back(static_cast<char>(0xc0 | (byte >> 6)));
      out.push_back(static_cast<char>(0x80 | (byte & 0x3f)));
    }
  }
  return out;
}

class MetadataCollector {
 public:
  void add(std::string_view name, std::string_view value) {
    if (name.size() <= kMetaPrefix.size() || !wire::starts_with_ignoring_case(name, kMetaPrefix)) return;
    std::string key(name.substr(kMetaPrefix.size()));
    for (char& c : key) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    std::string decoded = wire::decode_encoded_words(to_utf8(value));
    for (auto& [known, text] : list_) {
      if (known != key) continue;
      bytes_ += decoded.size() + 1;
      text += "," + decoded;
      return;
    }
    bytes_ += key.size() + decoded.size();
    list_.emplace_back(std::move(key), std::move(decoded));
  }
  size_t bytes() const { return bytes_; }
  meta::HeaderList take() { return std::move(list_); }

 private:
  meta::HeaderList list_;
  size_t bytes_ = 0;
};

bool is_token(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

constexpr std::array<std::string_view, 13> kStorageClasses = {
    "STANDARD",   "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA",       "INTELLIGENT_TIERING",
    "GLACIER",    "DEEP_ARCHIVE",       "GLACIER_IR",  "EXPRESS_ONEZONE",  "OUTPOSTS",
    "SNOW",       "FSX_OPENZFS",        "FSX_ONTAP"};

}  // namespace

Result<plane::ObjectAttributes> parse_object_attributes(S3Request& request) {
  TP_TRY_VOID(refuse_unsupported_headers(request));
  plane::ObjectAttributes attributes;
  TP_TRY(attributes.headers, parse_system_headers(request));
  TP_TRY(attributes.user_metadata, parse_user_metadata(request));
  if (request.has(HeaderId::kTagging)) {
    TP_TRY(attributes.tags, parse_tagging_header(request.header(HeaderId::kTagging)));
  }
  TP_TRY(attributes.storage_class, parse_storage_class(request));
  TP_TRY(attributes.access, parse_new_object_access(request));
  TP_TRY_VOID(parse_lock_headers(request, &attributes));
  return attributes;
}

Result<meta::HeaderList> parse_system_headers(S3Request& request) {
  meta::HeaderList headers;
  for (const SystemHeader& known : kSystemHeaders) {
    std::string_view text = request.header(known.id);
    std::string value = known.id == HeaderId::kContentEncoding ? without_aws_chunked(text) : std::string(text);
    if (value.empty()) {
      if (known.id != HeaderId::kContentType) continue;
      value = kDefaultContentType;
    }
    if (known.id == HeaderId::kWebsiteRedirectLocation && !value.starts_with('/') && !value.starts_with("http://") &&
        !value.starts_with("https://")) {
      return s3_fail(S3Code::kInvalidArgument,
                     "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.");
    }
    headers.emplace_back(header_name(known.id), std::move(value));
  }
  return headers;
}

Result<meta::HeaderList> parse_user_metadata(S3Request& request) {
  if (!request.headers.has_user_metadata()) return meta::HeaderList();
  MetadataCollector collector;
  for (const wire::HeaderField& field : request.head.headers) collector.add(field.name, field.value);
  if (request.claim.form == wire::SigV4Form::kQuery) {
    // A client may repeat as a header what it presigned: that is one value, not two.
    for (const wire::QueryParam& param : request.query) {
      if (!request.head.find_header(param.name)) collector.add(param.name, param.value);
    }
  }
  if (collector.bytes() > kMaxUserMetadataBytes) {
    request.add_error_detail("Size", std::to_string(collector.bytes()));
    request.add_error_detail("MaxSizeAllowed", std::to_string(kMaxUserMetadataBytes));
    return s3_fail(S3Code::kMetadataTooLarge);
  }
  return collector.take();
}

Result<std::string> parse_storage_class(S3Request& request) {
  const std::string_view name = request.header(HeaderId::kStorageClass);
  if (!request.has(HeaderId::kStorageClass) || name == "STANDARD") return std::string();
  if (std::find(kStorageClasses.begin(), kStorageClasses.end(), name) == kStorageClasses.end() &&
      request.plane.storage_classes().find(name) == nullptr) {
    request.add_error_detail("StorageClassRequested", name);
    return s3_fail(S3Code::kInvalidStorageClass);
  }
  return std::string(name);
}

Result<void> refuse_unsupported_headers(const S3Request& request) {
  for (const HeaderId id : {HeaderId::kServerSideEncryption, HeaderId::kSseCustomerAlgorithm, HeaderId::kSseKmsKeyId,
                            HeaderId::kCopySourceSseCustomerAlgorithm}) {
    if (request.has(id)) {
      return s3_fail(S3Code::kNotImplemented, "A header you provided implies functionality that is not implemented: " +
                                                  std::string(header_name(id)));
    }
  }
  return ok;
}

Result<void> check_expected_owner(S3Request& request, std::string_view bucket, HeaderId header_id) {
  if (bucket.empty() || !request.has(header_id)) return ok;
  const auto volume = request.plane.volume(bucket);
  if (!volume || (*volume)->owner == request.header(header_id)) return ok;  // NoSuchBucket comes where it is due
  return s3_fail(S3Code::kAccessDenied);
}

Result<ResponseOverrides> parse_overrides(const S3Request& request) {
  struct Override {
    std::string_view param;
    std::string_view ResponseOverrides::* field;
  };
  constexpr std::array kOverrides = {
      Override{"response-content-type", &ResponseOverrides::content_type},
      Override{"response-content-language", &ResponseOverrides::content_language},
      Override{"response-expires", &ResponseOverrides::expires},
      Override{"response-cache-control", &ResponseOverrides::cache_control},
      Override{"response-content-disposition", &ResponseOverrides::content_disposition},
      Override{"response-content-encoding", &ResponseOverrides::content_encoding},
  };
  ResponseOverrides overrides;
  for (const wire::QueryParam& param : request.query) {
    if (!param.name.starts_with("response-")) continue;
    for (const Override& known : kOverrides) {
      if (param.name != known.param) continue;
      overrides.*known.field = param.value;
      overrides.any = true;
    }
  }
  if (overrides.any && request.anonymous()) {
    return s3_fail(S3Code::kInvalidRequest,
                   "Request specific response headers cannot be used for anonymous GET requests.");
  }
  return overrides;
}

namespace {

std::string_view override_of(const ResponseOverrides& overrides, HeaderId id) {
  switch (id) {
    case HeaderId::kContentType: return overrides.content_type;
    case HeaderId::kCacheControl: return overrides.cache_control;
    case HeaderId::kContentDisposition: return overrides.content_disposition;
    case HeaderId::kContentEncoding: return overrides.content_encoding;
    case HeaderId::kContentLanguage: return overrides.content_language;
    case HeaderId::kExpires: return overrides.expires;
    default: return {};
  }
}

void append_system_headers(wire::ResponseHeadWriter& head, const meta::HeaderList& stored,
                           const ResponseOverrides& overrides) {
  for (const SystemHeader& known : kSystemHeaders) {
    std::string_view value = overrides.any ? override_of(overrides, known.id) : std::string_view();
    if (value.empty()) {
      for (const auto& [name, text] : stored) {
        if (name == header_name(known.id)) value = text;
      }
    }
    if (value.empty() && known.id == HeaderId::kContentType) value = kDefaultContentType;
    if (!value.empty()) head.header(known.spelled, value);
  }
}

void append_user_metadata(wire::ResponseHeadWriter& head, const meta::HeaderList& metadata) {
  uint64_t unspeakable = 0;
  std::string name;
  for (const auto& [key, value] : metadata) {
    if (!is_token(key)) {
      ++unspeakable;
      continue;
    }
    name.assign(kMetaPrefix).append(key);
    head.header(name, wire::encode_word_if_needed(value));
  }
  if (unspeakable > 0) head.header("x-amz-missing-meta", unspeakable);
}

}  // namespace

namespace {

/// Of an offline class: whether it is being restored, or until when it is.
void append_restore(wire::ResponseHeadWriter& head, const meta::InodeRecord& record) {
  if (record.restore_days != 0) {
    head.header("x-amz-restore", "ongoing-request=\"true\"");
  } else if (record.restored_until != 0) {
    Bytes value = "ongoing-request=\"false\", expiry-date=\"";
    wire::append_http_date(value, record.restored_until / rt::kSecond);
    value.push_back('"');
    head.header("x-amz-restore", value);
  }
}

}  // namespace

void append_object_headers(wire::ResponseHeadWriter& head, const meta::InodeRecord& record,
                           const ResponseOverrides& overrides) {
  Bytes date;
  wire::append_http_date(date, record.modified / rt::kSecond);
  head.header("Last-Modified", date);
  append_etag(head, record.etag);
  head.header("Accept-Ranges", "bytes");
  append_system_headers(head, record.headers, overrides);
  if (!record.user_metadata.empty()) append_user_metadata(head, record.user_metadata);
  if (!record.storage_class.empty()) head.header("x-amz-storage-class", record.storage_class);
  append_restore(head, record);
  if (!record.tags.empty()) head.header("x-amz-tagging-count", uint64_t{record.tags.size()});
}

void append_etag(wire::ResponseHeadWriter& head, std::string_view etag) { head.header("ETag", quoted_etag(etag)); }

std::string quoted_etag(std::string_view etag) {
  std::string quoted;
  quoted.reserve(etag.size() + 2);
  quoted.append("\"").append(etag).append("\"");
  return quoted;
}

void append_checksum(wire::ResponseHeadWriter& head, const meta::Checksum& checksum, size_t parts) {
  if (checksum.algorithm == ChecksumAlgorithm::kNone || checksum.value.empty()) return;
  head.header(checksum_header(checksum.algorithm), checksum_text(checksum, parts));
  head.header("x-amz-checksum-type", checksum_type_name(checksum.type));
}

std::string checksum_text(const meta::Checksum& checksum, size_t parts) {
  std::string text = to_base64(checksum.value);
  if (checksum.type == meta::ChecksumType::kComposite) text += "-" + std::to_string(parts);
  return text;
}

std::string_view storage_class_name(std::string_view stored) noexcept {
  return stored.empty() ? std::string_view("STANDARD") : stored;
}

}  // namespace tp::s3
