// What a key, or a version of it, leads to inside a transaction.
#pragma once

#include <optional>
#include <string_view>

#include "plane/core/namespace.h"

namespace tp::plane {

/// The current object where `version`, a versionId as given, is empty. nullopt: nothing, or (never without a version) a
/// delete marker. kInvalidArgument with Reason::kInvalidVersion.
Result<std::optional<Namespace::Version>> find_named(Namespace& names, BytesView key, std::string_view version);

}  // namespace tp::plane
