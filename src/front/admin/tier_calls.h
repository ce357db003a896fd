// The operator's calls on tiers and their drives behind /v1/tiers. Internal to front/admin. Protocol:
// docs/protocols/admin.md, tiers.
#pragma once

#include <string>
#include <vector>

#include "blob/erasure/erasure_tier.h"
#include "net/http_exchange.h"
#include "plane/storage_class.h"

namespace tp::admin {

struct TierHandle {
  std::string name, kind;                  // kind: "local", "erasure", "archive"
  uint8_t number = 0;
  blob::Tier* tier = nullptr;
  blob::ErasureControl* drives = nullptr;  // null: it has none
};

/// GET /v1/tiers: {"tiers": [{"name", "number", "kind", "live_bytes", ..., "drives"?: [...]}],
/// "storage_classes": [...]}
Task<void> list_tiers(net::HttpExchange& exchange, std::vector<TierHandle> tiers,
                      std::vector<plane::StorageClass> classes);
/// POST /v1/tiers/NAME {"action": "add"|"replace"|"drain"|"mend", "directory"?}: 200 and the tier. What it begins goes
/// on in the background.
Task<void> change_tier(net::HttpExchange& exchange, std::vector<TierHandle> tiers, std::string name);

}  // namespace tp::admin
