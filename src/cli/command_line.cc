#include <CLI/CLI.hpp>

#include "cli/commands.h"

namespace tp::cli {

int run_command_line(int argc, char** argv) {
  CLI::App app("Token Plane: one namespace over every protocol", "tokenplane");
  app.set_version_flag("--version", "tokenplane " TOKENPLANE_VERSION);
  app.require_subcommand(1);
  Run run;
  add_serve_command(app, &run);
  add_user_command(app, &run);
  add_volume_command(app, &run);
  add_cache_command(app, &run);
  add_snapshot_command(app, &run);
  add_tier_command(app, &run);
  add_lifecycle_command(app, &run);
  add_stat_command(app, &run);
  add_check_command(app, &run);
  add_bench_command(app, &run);
  CLI11_PARSE(app, argc, argv);
  return run ? run() : 2;
}

}  // namespace tp::cli
