// The subcommands of `tokenplane`. Each registers itself on the command line; main() runs what was chosen.
#pragma once

#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace tp::cli {

/// What the chosen subcommand does; its return value is the process's exit status.
using Run = std::function<int()>;

void add_serve_command(CLI::App& app, Run* run);
void add_user_command(CLI::App& app, Run* run);
void add_volume_command(CLI::App& app, Run* run);
void add_cache_command(CLI::App& app, Run* run);
void add_snapshot_command(CLI::App& app, Run* run);
void add_tier_command(CLI::App& app, Run* run);
void add_lifecycle_command(CLI::App& app, Run* run);
void add_stat_command(CLI::App& app, Run* run);
void add_check_command(CLI::App& app, Run* run);
void add_bench_command(CLI::App& app, Run* run);
void add_bench_tokens_command(CLI::App& bench, Run* run);  // below `bench`

/// Parses the arguments and runs the command.
int run_command_line(int argc, char** argv);

}  // namespace tp::cli
