#include "plane/rights/export_rules.h"

#include <algorithm>

namespace tp::plane {

bool export_allows(const Core& core, const VolumeEntry& volume, std::string_view source_ip) {
  // A link-local address comes with its zone, "fe80::1%eth0".
  const auto address = parse_ip(source_ip.substr(0, source_ip.find('%')));
  if (!address) return false;
  // By the names that were given, not those that parse: a list of which nothing parses admits nobody.
  const auto& networks = volume.exports.networks.empty() ? core.file_networks : volume.networks;
  return std::ranges::any_of(networks, [&](const IpRange& range) { return range.contains(*address); });
}

FileCaller squash(const meta::ExportRules& rules, const ClaimedIdentity& claimed) {
  FileCaller caller;
  const bool squash_root = rules.squash != meta::Squash::kNone;
  const bool nobody = claimed.anonymous || claimed.uid == UINT32_MAX;  // (uid_t)-1 is no user's
  if (nobody || rules.squash == meta::Squash::kAll || (squash_root && claimed.uid == 0)) {
    caller.uid = rules.anonymous_uid;
    caller.gid = rules.anonymous_gid;
    return caller;
  }
  caller.uid = claimed.uid;
  caller.gid = squash_root && claimed.gid == 0 ? rules.anonymous_gid : claimed.gid;
  caller.super_user = claimed.uid == 0;
  for (const uint32_t group : claimed.groups) {
    if (caller.groups.size() == kMaxGroups) break;
    if (!squash_root || group != 0) caller.groups.push_back(group);
  }
  return caller;
}

Result<void> check_export_rules(const meta::ExportRules& rules) {
  if (rules.networks.size() > kMaxExportNetworks) {
    return fail(Code::kInvalidArgument, "an export has at most " + std::to_string(kMaxExportNetworks) + " networks");
  }
  for (const std::string& network : rules.networks) {
    if (!parse_ip_range(network)) return fail(Code::kInvalidArgument, "not a network: " + network);
  }
  if (rules.file_mode > 07777 || rules.directory_mode > 07777) {
    return fail(Code::kInvalidArgument, "a mode has at most four octal digits");
  }
  return ok;
}

}  // namespace tp::plane
