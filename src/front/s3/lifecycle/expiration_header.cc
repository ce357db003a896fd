#include "front/s3/lifecycle/expiration_header.h"

#include "lifecycle/plan.h"
#include "wire/text/timestamp.h"
#include "wire/text/uri.h"

namespace tp::s3 {

namespace {

std::string expiration_text(const S3Request& request, const meta::VolumeRecord& volume,
                            const meta::InodeRecord& record) {
  if (record.superseded != 0) return {};
  const auto rules = lifecycle::decode_rules(volume.lifecycle);
  if (!rules) return {};  // the engine tells the operator
  plane::UpkeepObject object;
  object.key = request.key;
  object.inode = InodeId(1);
  object.version = record.version;
  object.modified = record.modified;
  object.accessed = record.accessed;
  object.size_bytes = record.size_bytes;
  object.tags = record.tags;
  object.storage_class = record.storage_class;
  const auto expiry = lifecycle::expiry_of(*rules, object);
  if (!expiry) return {};
  std::string text = "expiry-date=\"" + wire::http_date(expiry->at / rt::kSecond) + "\", rule-id=\"";
  text += wire::percent_encode(expiry->rule_id, wire::Slash::kEncode);
  return text + "\"";
}

}  // namespace

void append_expiration(S3Request& request, wire::ResponseHeadWriter& head, const meta::InodeRecord& record) {
  const auto volume = request.plane.volume(request.bucket);
  if (!volume || (*volume)->lifecycle.empty()) return;
  append_expiration(head, expiration_text(request, **volume, record));
}

Task<std::string> expiration_of_new(S3Request& request) {
  const auto volume = request.plane.volume(request.bucket);
  if (!volume || (*volume)->lifecycle.empty()) co_return std::string();
  plane::ObjectRef object{request.bucket, request.key};
  const auto info = co_await request.plane.stat(request.caller, std::move(object));
  if (!info) co_return std::string();
  co_return expiration_text(request, **volume, (*info)->record);
}

void append_expiration(wire::ResponseHeadWriter& head, std::string_view expiration) {
  if (!expiration.empty()) head.header("x-amz-expiration", expiration);
}

}  // namespace tp::s3
