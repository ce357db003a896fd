// open_tiers: the tiers and storage classes of the configuration, put together: drives, remote stores, keys.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "blob/erasure/erasure_tier.h"
#include "blob/tier.h"
#include "meta/meta_store.h"
#include "plane/storage_class.h"
#include "server/config.h"

namespace tp::server {

struct OpenedTier {
  std::string name;
  std::string kind;                         // "local", "erasure", "archive"
  uint8_t number = 0;
  blob::Tier* tier = nullptr;
  blob::ErasureControl* drives = nullptr;   // null: an archive has none
};

struct OpenedTiers {
  std::vector<OpenedTier> tiers;
  std::vector<plane::StorageClass> classes;
};

/// Opens what is configured and puts `*blobs` behind it, if there is any; the tiers belong to it from then on. Errors
/// name the tier.
Result<void> open_tiers(const Config& config, rt::Runtime& runtime, meta::MetaStore& meta,
                        std::unique_ptr<blob::BlobStore>* blobs, OpenedTiers* opened);

}  // namespace tp::server
