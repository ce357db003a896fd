// CacheSettings as JSON: what is kept in a volume's record, and what operators and S3's headers ask for over it.
// Nothing of it is believed. Format: docs/cache.md, settings.
#pragma once

#include <string>

#include "cache/cache_volume.h"

namespace tp::server {

/// What a volume is made with where nothing is said.
cache::CacheSettings default_cache_settings();

/// `json` (an object of what is set) over `present`. `made`: the volume is there: what cannot change later is refused.
/// kInvalidArgument in words: an unknown field, a wrong type, a policy or profile that is none, shares too large.
Result<cache::CacheSettings> read_cache_settings(const std::string& json, const cache::CacheSettings& present,
                                                 bool made);
/// All of them, as they are kept.
std::string cache_settings_json(const cache::CacheSettings& settings);

}  // namespace tp::server
