#include "plane/check/tier_check.h"

#include "blob/tier.h"
#include "plane/care/blob_places.h"

namespace tp::plane {

Task<void> check_tiers(Core& core, FindingList& findings) {
  for (const uint8_t number : core.blobs.tiers()) {
    const std::string name = "tier " + std::to_string(number);
    auto segments = co_await core.blobs.tier(number)->segments();
    if (!segments) {
      findings.add("tier-unavailable", name, segments.error().to_string());
      continue;
    }
    // Until it has been reclaimed, what a crash left is expected.
    if (!core.tiers_reclaimed.load()) continue;
    for (const blob::SegmentInfo& segment : *segments) {
      if (!segment.from_earlier_start) continue;
      const ReadGuard guard(core.dead_blobs);
      TP_CO_TRY(const LiveRuns live, co_await read_live(core, number, segment.id));
      if (!live.empty()) continue;
      // What died while we looked goes in a moment.
      TP_CO_TRY(const auto again, co_await core.blobs.tier(number)->segments());
      for (const blob::SegmentInfo& still : again) {
        if (still.id != segment.id || still.live_bytes != 0) continue;
        findings.add("orphan-segment", name, "nothing lives in segment " + std::to_string(segment.id.value));
      }
    }
  }
  co_return ok;
}

}  // namespace tp::plane
