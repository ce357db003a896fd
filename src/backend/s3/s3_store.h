// An S3 bucket as an io::ObjectStore: PutObject, GetObject with a range, DeleteObject, HeadObject, ListObjectsV2.
// Objects go up in one request, so none may be larger than 5 GiB. Spec: the S3 API pages of those names.
#pragma once

#include <memory>
#include <string>

#include "backend/s3/s3_signer.h"
#include "io/object_store.h"
#include "net/remote/remote_client.h"

namespace tp::backend::s3 {

struct S3Options {
  rt::Runtime* runtime = nullptr;
  net::Dial dial;
  net::Endpoint endpoint;
  std::string bucket;
  std::string region = "us-east-1";
  bool virtual_host = false;  // BUCKET.host/key instead of host/BUCKET/key
  std::string storage_class;  // of what is put; empty: the bucket's. None that must be restored before it is read.
  S3Credentials credentials;
  net::RetryPolicy retry;
  size_t connections_per_loop = 16;
};

/// Asks nothing of the service. kInvalidArgument: a bucket name, a class or keys that cannot be.
Result<std::unique_ptr<io::ObjectStore>> open(S3Options options);

}  // namespace tp::backend::s3
