#include "front/s3/post/post_answer.h"

#include <algorithm>

#include "front/s3/message/body_reader.h"
#include "front/s3/message/object_headers.h"
#include "front/s3/message/xml_response.h"
#include "front/s3/post/object_url.h"
#include "front/s3/versions/version_headers.h"

namespace tp::s3 {

namespace {

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

int success_status(const PostForm& form) {
  const std::string_view asked = form.field("success_action_status").value_or("");
  if (asked == "200") return 200;
  if (asked == "201") return 201;
  return 204;
}

Bytes post_document(const S3Request& request, std::string_view url, std::string_view key, std::string_view etag) {
  Bytes out;
  wire::XmlWriter xml(out);
  xml.declaration();
  xml.open("PostResponse");
  xml.element("Location", url);
  xml.element("Bucket", request.bucket);
  xml.element("Key", key);
  xml.element("ETag", quoted_etag(etag));
  xml.close();
  return out;
}

}  // namespace

std::string post_redirect(std::string_view target, std::string_view bucket, std::string_view key,
                          std::string_view etag) {
  if ((!target.starts_with("http://") && !target.starts_with("https://")) || !is_printable(target)) return {};
  const size_t fragment = std::min(target.find('#'), target.size());
  std::string url(target.substr(0, fragment));
  url += url.find('?') == std::string::npos ? '?' : '&';
  url += "bucket=";
  wire::append_percent_encoded(url, bucket, wire::Slash::kEncode);
  url += "&key=";
  wire::append_percent_encoded(url, key, wire::Slash::kEncode);
  url += "&etag=";
  wire::append_percent_encoded(url, quoted_etag(etag), wire::Slash::kEncode);
  url += target.substr(fragment);
  return url;
}

Task<void> answer_post(S3Request& request, const PostForm& form, std::string key, plane::PutResult object) {
  auto target = form.field("success_action_redirect");
  if (!target) target = form.field("redirect");  // the older name
  const std::string redirect = post_redirect(target.value_or(""), request.bucket, key, object.etag);
  const std::string url = object_url(request, key);
  const int status = redirect.empty() ? success_status(form) : 303;
  wire::ResponseHeadWriter head = request.start(status);
  append_etag(head, object.etag);
  append_version_id(head, object.version);
  append_checksum(head, object.checksum, 0);
  head.header("Location", redirect.empty() ? url : redirect);
  if (status != 201) co_return co_await request.http.finish({});
  head.header("Content-Type", "application/xml");
  const Bytes document = post_document(request, url, key, object.etag);
  co_return co_await request.http.finish(document);
}

}  // namespace tp::s3
