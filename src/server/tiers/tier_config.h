// TierConfig, StorageClassConfig: what [tiers.NAME] and [storage_classes.NAME] of the configuration say. Reference:
// docs/tiers.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "blob/codec/frame.h"

namespace toml::inline v3 {
class node;
}

namespace tp::server {

enum class TierKind : uint8_t { kLocal, kErasure, kArchive };
enum class RemoteKind : uint8_t { kS3, kAzure };

struct TierConfig {
  std::string name;
  uint8_t number = 0;                    // 1..255, for good: blobs are stored under it
  TierKind kind = TierKind::kLocal;
  std::vector<std::string> directories;  // one of a local tier, data + parity and more of an erasure-coded one
  unsigned data_pieces = 0, parity_pieces = 0;
  blob::FrameOptions frames;
  uint64_t segment_bytes = 1ull << 30;

  // archive
  RemoteKind remote = RemoteKind::kS3;
  std::string endpoint;                  // "https://host[:port]"
  std::string bucket;                    // or container
  std::string prefix = "tokenplane";
  std::string region = "us-east-1";
  bool virtual_host = false;             // S3: BUCKET.host instead of host/BUCKET
  std::string remote_class;              // the provider's storage class or access tier; empty: its default
  std::string roots_file;                // PEM: whom TLS trusts; empty: whom the system does
  std::string account;                   // Azure
  std::string credentials_file;          // access key and secret key, or account key, or SAS token: one a line
  std::string key_file;                  // 32 bytes, raw or as 64 hex digits: what leaves is encrypted with it
};

struct StorageClassConfig {
  std::string name;
  std::string tier;                      // "hot", or a tier's name
  bool offline = false;
  uint32_t restore_delay_seconds = 0;
};

/// kInvalidArgument names the line and the key.
Result<void> take_tiers(const toml::node& node, std::vector<TierConfig>* tiers);
Result<void> take_storage_classes(const toml::node& node, std::vector<StorageClassConfig>* classes);
/// What must hold of them together: numbers and names used once, classes whose tiers are there.
Result<void> validate_tiers(const std::vector<TierConfig>& tiers, const std::vector<StorageClassConfig>& classes);

}  // namespace tp::server
