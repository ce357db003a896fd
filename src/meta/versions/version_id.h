// Version ids as clients see them: "null", or 32 hexadecimal digits that say nothing to anybody: the version's number
// scrambled, and a second word that follows from it, so that no other text is taken for an id.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tp::meta {

/// 0: "null".
std::string version_text(uint64_t number);
/// Nothing for text that version_text() did not make. "null" is 0.
std::optional<uint64_t> parse_version_text(std::string_view text);

}  // namespace tp::meta
