#include "front/redis/commands/command_table.h"
#include "front/redis/commands/server/server.h"
#include "front/redis/commands/words.h"

namespace tp::redis {

namespace {

// INFO and MEMORY lock by themselves where they look at the volume.
constexpr Command kCommands[] = {
    {"command", -1, 0, 0, 0, 0, run_command, nullptr, "server", "2.8.13", "Get array of Redis command details",
     command_subcommands},
    {"config", -2, kAdmin | kNoSection, 0, 0, 0, run_subcommand, nullptr, "server", "2.0.0",
     "A container for server configuration commands", config_subcommands},
    {"info", -1, kNoSection, 0, 0, 0, run_info, nullptr, "server", "1.0.0",
     "Get information and statistics about the server"},
    {"memory", -2, kReadonly | kNoSection, 0, 0, 0, run_subcommand, nullptr, "server", "4.0.0",
     "A container for memory diagnostics commands", memory_subcommands},
    {"module", -2, kAdmin, 0, 0, 0, run_subcommand, nullptr, "server", "4.0.0", "A container for module commands",
     module_subcommands},
    {"time", 1, kFast, 0, 0, 0, run_time, nullptr, "server", "2.6.0", "Return the current server time"},
};

}  // namespace

std::span<const Command> server_commands() {
  return kCommands;
}

}  // namespace tp::redis
