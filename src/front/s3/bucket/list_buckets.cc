#include "front/s3/bucket/bucket_handlers.h"
#include "front/s3/core/s3_front.h"
#include "front/s3/core/s3_request.h"
#include "front/s3/list/list_params.h"
#include "front/s3/list/list_token.h"
#include "front/s3/message/access_list.h"
#include "front/s3/message/xml_response.h"
#include "wire/text/timestamp.h"

namespace tp::s3 {

namespace {

constexpr uint32_t kMaxBuckets = 10'000;

struct ListedBucket {
  std::string name;
  rt::Nanos created = 0;
  std::string region;
};
struct BucketPage {
  std::vector<ListedBucket> buckets;
  bool truncated = false;
};

std::string region_of(const S3Request& request, const std::string& bucket) {
  const Result<plane::VolumePtr> volume = request.plane.volume(bucket);
  return volume && !(*volume)->location.empty() ? (*volume)->location : request.front.options().region;
}

// With bucket-region, a page of the plane may hold few of the buckets asked for: read on until the answer is full or
// there are no more.
Result<BucketPage> collect(const S3Request& request, std::string_view prefix, std::string after, uint32_t max_buckets) {
  const std::string_view wanted_region = request.param("bucket-region");
  BucketPage page;
  for (;;) {
    TP_TRY(const plane::VolumeListPage volumes,
           request.plane.list_volumes(request.caller, prefix, after, max_buckets));
    for (const plane::VolumeListEntry& volume : volumes.volumes) {
      ListedBucket bucket{volume.name, volume.created, region_of(request, volume.name)};
      if (!wanted_region.empty() && bucket.region != wanted_region) continue;
      if (page.buckets.size() == max_buckets) {
        page.truncated = true;
        return page;
      }
      page.buckets.push_back(std::move(bucket));
    }
    page.truncated = volumes.truncated;
    if (!volumes.truncated || volumes.volumes.empty() || wanted_region.empty()) return page;
    after = volumes.volumes.back().name;
  }
}

Result<std::string> parse_position(S3Request& request) {
  if (!request.has_param("continuation-token")) return std::string();
  const std::optional<ListToken> token = decode_list_token(request.param("continuation-token"));
  if (token) return token->last;
  request.add_error_detail("ArgumentName", "continuation-token");
  return s3_fail(S3Code::kInvalidArgument, "The continuation token provided is incorrect");
}

}  // namespace

Task<void> list_buckets(S3Request& request) {
  TP_CO_TRY(const std::string_view prefix, name_param(request, "prefix"));
  TP_CO_TRY(const uint64_t max_buckets, request.number_param("max-buckets", kMaxBuckets, 1, kMaxBuckets));
  TP_CO_TRY(std::string after, parse_position(request));
  TP_CO_TRY(const BucketPage page, collect(request, prefix, std::move(after), static_cast<uint32_t>(max_buckets)));

  // As S3: the region is told to those who use the paged form.
  const bool paged = request.has_param("max-buckets") || request.has_param("continuation-token") ||
                     request.has_param("prefix") || request.has_param("bucket-region");
  Bytes body;
  wire::XmlWriter xml(body);
  xml.declaration();
  xml.open("ListAllMyBucketsResult", kNamespace);
  append_owner(xml, request.plane.users(), "Owner", request.caller.user_id);
  xml.open("Buckets");
  for (const ListedBucket& bucket : page.buckets) {
    xml.open("Bucket");
    xml.element("Name", bucket.name);
    xml.element("CreationDate", wire::iso8601(bucket.created / rt::kSecond * rt::kSecond));
    if (paged) xml.element("BucketRegion", bucket.region);
    xml.close();
  }
  xml.close();
  if (!prefix.empty()) xml.element("Prefix", prefix);
  if (page.truncated) {
    const ListToken token{page.buckets.back().name, false};
    xml.element("ContinuationToken", encode_list_token(token));
  }
  xml.close();
  co_return co_await request.answer_xml(200, std::move(body));
}

}  // namespace tp::s3
