// The profiles that come with the server (profiles/*.toml), by name: a volume can be made over S3 by naming one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tp::server {

/// The TOML text of "llama-3-70b"; nullopt: none of that name.
std::optional<std::string> shipped_profile(std::string_view name);
/// "deepseek-v3, llama-3-70b, ..."
std::string shipped_profile_names();

}  // namespace tp::server
