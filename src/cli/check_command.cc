#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/store_access.h"

namespace tp::cli {

namespace {

using Json = nlohmann::json;
constexpr int kExitFindings = 3;

struct CheckCommandOptions {
  StoreLocation location;
  bool records_only = false;
  bool json = false;
};

// What has come so far of a check's lines.
struct CheckOutput {
  bool json = false;
  bool terminal = isatty(STDERR_FILENO) != 0;
  bool finished = false;
  uint64_t findings = 0;
  std::string error;

  void line(const Json& line) {
    if (json) {
      fmt::print("{}\n", line.dump(-1, ' ', false, Json::error_handler_t::replace));
    }
    if (line.contains("progress")) {
      const Json& progress = line["progress"];
      if (!json) {
        fmt::print(stderr, "{}{}: {} records, {} blobs, {:.1f} MiB{}", terminal ? "\r\x1b[K" : "",
                   progress["stage"].get<std::string>(), progress["records"].get<uint64_t>(),
                   progress["blobs"].get<uint64_t>(),
                   static_cast<double>(progress["bytes"].get<uint64_t>()) / (1 << 20), terminal ? "" : "\n");
      }
    } else if (line.contains("finding")) {
      const Json& finding = line["finding"];
      if (!json) {
        fmt::print("{}: {}: {}\n", finding["kind"].get<std::string>(), finding["where"].get<std::string>(),
                   finding["detail"].get<std::string>());
      }
    } else if (line.contains("report")) {
      report(line["report"]);
    } else if (line.contains("error")) {
      error = line["error"].get<std::string>();
    }
  }

  void report(const Json& totals) {
    finished = true;
    findings = totals["findings"].get<uint64_t>();
    if (json) return;
    if (terminal) fmt::print(stderr, "\r\x1b[K");
    fmt::print("checked {} records, {} blobs, {} bytes: {}\n", totals["records"].get<uint64_t>(),
               totals["blobs"].get<uint64_t>(), totals["bytes"].get<uint64_t>(),
               findings == 0 ? "clean" : fmt::format("{} findings", findings));
  }
};

Result<void> check(const CheckCommandOptions& options, CheckOutput* output) {
  TP_TRY(auto access, StoreAccess::open(options.location));
  return access.check(!options.records_only, [output](const Json& line) { output->line(line); });
}

int run_check(const CheckCommandOptions& options) {
  CheckOutput output;
  output.json = options.json;
  const auto done = check(options, &output);
  if (!done) return report_failure(done.error());
  if (!output.finished) {
    return report_failure(Error(Code::kUnavailable, output.error.empty() ? "the check did not finish" : output.error));
  }
  return output.findings == 0 ? 0 : kExitFindings;
}

}  // namespace

void add_check_command(CLI::App& app, Run* run) {
  auto options = std::make_shared<CheckCommandOptions>();
  auto* command =
      app.add_subcommand("check", "Verify every record and every blob; exit status 3 if something is wrong");
  add_location_options(*command, &options->location);
  command->add_flag("--records-only", options->records_only, "Do not read the blobs' bytes");
  command->add_flag("--json", options->json, "Print lines of JSON");
  command->callback([options, run] { *run = [options] { return run_check(*options); }; });
}

}  // namespace tp::cli
