// The JSON of cache volumes as the admin port shows them. Internal to front/admin.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "cache/cache_volume.h"
#include "meta/volume_record.h"

namespace tp::admin {

nlohmann::json ledger_json(const cache::LedgerCounts& counts);
/// `engine` null: it could not be opened, and `trouble` says why.
nlohmann::json cache_volume_json(const meta::VolumeRecord& volume, const std::string& owner_name,
                                 cache::CacheVolume* engine, const std::string& trouble);

}  // namespace tp::admin
