// The command table: every command that the front knows, by name.
#pragma once

#include <span>
#include <vector>

#include "base/bytes.h"
#include "front/redis/core/command.h"

namespace tp::redis {

/// In any case; null: unknown.
const Command* find_command(BytesView name) noexcept;
/// In the order of their names.
const std::vector<const Command*>& all_commands();

// What each folder has.
std::span<const Command> string_commands();
std::span<const Command> hash_commands();
std::span<const Command> key_commands();
std::span<const Command> session_commands();
std::span<const Command> server_commands();
std::span<const Command> token_commands();

}  // namespace tp::redis
