// Export rules: which clients reach a volume over file protocols, and as whom. Decided here and nowhere else; asked
// through Files::admit().
#pragma once

#include "plane/core/core.h"

namespace tp::plane {

inline constexpr size_t kMaxGroups = 16;          // supplementary groups of AUTH_SYS, RFC 5531 appendix A
inline constexpr size_t kMaxExportNetworks = 64;

/// Whether the volume's networks, or the server's where it names none, hold the address. Text that is no address is in
/// no network.
bool export_allows(const Core& core, const VolumeEntry& volume, std::string_view source_ip);

/// Whom the claim is taken for. Squashing root also takes group 0 away from everybody.
FileCaller squash(const meta::ExportRules& rules, const ClaimedIdentity& claimed);

/// Whether the rules can be kept: kInvalidArgument with words.
Result<void> check_export_rules(const meta::ExportRules& rules);

}  // namespace tp::plane
