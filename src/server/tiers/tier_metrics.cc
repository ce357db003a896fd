#include "server/tiers/tier_metrics.h"

#include <prometheus/gauge.h>
#include <prometheus/registry.h>

namespace tp::server {

namespace {

void set(prometheus::Registry& registry, const OpenedTier& tier, const std::string& name, const std::string& help,
         uint64_t value) {
  auto& family = prometheus::BuildGauge().Name("tokenplane_tier_" + name).Help(help).Register(registry);
  family.Add({{"tier", tier.name}}).Set(static_cast<double>(value));
}

}  // namespace

void read_tiers(prometheus::Registry& registry, const OpenedTiers& opened) {
  for (const OpenedTier& tier : opened.tiers) {
    const blob::TierStats stats = tier.tier->stats();
    set(registry, tier, "segments", "Segments or packs", stats.segments);
    set(registry, tier, "live_bytes", "Bytes of live blobs, as stored", stats.live_bytes);
    set(registry, tier, "disk_bytes", "Bytes taken, with parity and what is dead", stats.disk_bytes);
    set(registry, tier, "written_bytes", "Bytes written, as stored", stats.bytes_written);
    set(registry, tier, "read_bytes", "Bytes read, as stored", stats.bytes_read);
    set(registry, tier, "checksum_failures", "Stored bytes that did not match their checksum", stats.checksum_failures);
    set(registry, tier, "degraded_reads", "Reads answered from other pieces", stats.degraded_reads);
    set(registry, tier, "retries", "Requests to a remote store made again", stats.retries);
    if (tier.drives == nullptr) continue;
    const blob::ErasureStatus status = tier.drives->status();
    set(registry, tier, "missing_shards", "Shards that are to be made again", status.missing_shards);
    set(registry, tier, "lost_segments", "Segments with too few shards to be read", status.lost_segments);
    uint64_t absent = 0;
    for (const blob::DriveStatus& drive : status.drives) {
      if (!drive.present && drive.state != blob::DriveState::kRemoved) ++absent;
    }
    set(registry, tier, "absent_drives", "Drives that are not there", absent);
  }
}

}  // namespace tp::server
