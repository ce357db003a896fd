// The CreateBucketConfiguration document. Spec: S3 API, "CreateBucket": request body.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "meta/volume_record.h"

namespace tp::s3 {

struct CreateBucketConfiguration {
  std::string location;  // LocationConstraint; empty: the default region
  meta::TagSet tags;
};

/// An empty text asks for nothing. MalformedXML, InvalidLocationConstraint, InvalidTag, NotImplemented (directory
/// buckets).
Result<CreateBucketConfiguration> parse_create_bucket_document(BytesView xml);

}  // namespace tp::s3
