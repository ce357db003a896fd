// The functions of the commands that ask about the server, for their table.
#pragma once

#include <span>

#include "front/redis/core/call.h"

namespace tp::redis {

void run_info(Call& call);
void run_command(Call& call);
void run_time(Call& call);

std::span<const Subcommand> config_subcommands();
std::span<const Subcommand> command_subcommands();
std::span<const Subcommand> memory_subcommands();
std::span<const Subcommand> module_subcommands();

}  // namespace tp::redis
