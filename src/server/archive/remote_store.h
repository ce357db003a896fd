// open_remote_store: an io::ObjectStore over S3 or Azure Blob Storage, with sockets, TLS and credentials put together.
// Reference: docs/tiers.md.
#pragma once

#include <memory>
#include <string>

#include "io/object_store.h"
#include "net/remote/remote_client.h"
#include "rt/runtime.h"
#include "server/tiers/tier_config.h"

namespace tp::server {

struct RemoteSettings {
  RemoteKind kind = RemoteKind::kS3;
  std::string endpoint;  // "https://host[:port][/base]"
  std::string bucket;    // or container
  std::string region = "us-east-1";
  bool virtual_host = false;  // S3: BUCKET.host
  std::string storage_class;  // of what is put; Azure: the access tier
  std::string account;        // Azure, with an account key
  /// S3: access key, secret key and perhaps a session token, a line each. Azure: the account key or a SAS token. Empty:
  /// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN; AZURE_STORAGE_ACCOUNT, AZURE_STORAGE_KEY,
  /// AZURE_STORAGE_SAS_TOKEN.
  std::string credentials_file;
  std::string roots_file;  // whom TLS trusts; empty: whom the system does
  net::RetryPolicy retry;
};

RemoteSettings remote_settings_of(const TierConfig& tier);
/// Connects to nothing yet. kInvalidArgument, and what read_secret_file() says; errors never show a secret.
Result<std::unique_ptr<io::ObjectStore>> open_remote_store(rt::Runtime& runtime, const RemoteSettings& settings);

}  // namespace tp::server
