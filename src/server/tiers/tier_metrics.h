// What /metrics says of tiers, one series a tier.
#pragma once

#include "server/tiers/open_tiers.h"

namespace prometheus {
class Registry;
}

namespace tp::server {

void read_tiers(prometheus::Registry& registry, const OpenedTiers& opened);

}  // namespace tp::server
