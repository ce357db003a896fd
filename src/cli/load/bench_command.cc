#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <memory>

#include "cli/bench/bench_report.h"
#include "cli/bench/load.h"
#include "cli/commands.h"
#include "cli/store_access.h"
#include "server/config.h"

namespace tp::cli {

namespace {

struct BenchTexts {
  bench::Options options;
  std::string endpoint = "http://127.0.0.1:9000";
  std::string mix = "get=1";
  std::string size = "4KiB";
  std::string range = "0";
  bool no_prepare = false;
  bool quiet = false;
};

Result<bench::Options> finish_options(const BenchTexts& texts) {
  bench::Options options = texts.options;
  TP_TRY_VOID(bench::parse_endpoint(texts.endpoint, &options));
  TP_TRY(options.mix, bench::parse_mix(texts.mix));
  TP_TRY(options.size_bytes, server::parse_size(texts.size));
  TP_TRY(options.range_bytes, server::parse_size(texts.range));
  options.prepare = !texts.no_prepare;
  options.progress = !texts.quiet;
  server::Config credentials;
  server::load_environment(&credentials);
  if (options.access_key.empty()) options.access_key = credentials.root_access_key;
  if (options.secret_key.empty()) options.secret_key = credentials.root_secret_key;
  if (!options.anonymous && (options.access_key.empty() || options.secret_key.empty())) {
    return fail(Code::kInvalidArgument,
                "give --access-key and --secret-key, or set TOKENPLANE_ACCESS_KEY and _SECRET_KEY");
  }
  return options;
}

Result<bool> run_load(const bench::Options& options) {
  rt::Runtime runtime({.loops = options.threads, .blocking_threads = 1});
  bench::Load load(options, runtime);
  if (options.prepare) TP_TRY_VOID(load.prepare());
  TP_TRY(const auto totals, load.run());
  if (options.clean_up) TP_TRY_VOID(load.clean_up());
  if (options.json_file == "-") {
    fmt::print("{}\n", bench::report_json(options, totals));
  } else {
    fmt::print("{}", bench::report_table(options, totals));
    if (!options.json_file.empty()) std::ofstream(options.json_file) << bench::report_json(options, totals) << "\n";
  }
  uint64_t errors = 0;
  for (const auto& kind : totals.kinds) errors += kind.errors;
  return errors == 0;
}

int run_bench_s3(const BenchTexts& texts) {
  auto options = finish_options(texts);
  if (!options) return report_failure(options.error());
  const auto fine = run_load(*options);
  if (!fine) return report_failure(fine.error());
  return *fine ? 0 : 1;
}

}  // namespace

void add_bench_command(CLI::App& app, Run* run) {
  auto texts = std::make_shared<BenchTexts>();
  auto* bench = app.add_subcommand("bench", "Load generators");
  bench->require_subcommand(1);
  add_bench_tokens_command(*bench, run);
  auto* s3 = bench->add_subcommand("s3", "Loads any S3 server and prints rates and latencies");
  bench::Options& options = texts->options;
  s3->add_option("--endpoint", texts->endpoint, "http://host:port (default http://127.0.0.1:9000)");
  s3->add_option("--access-key", options.access_key, "Default: TOKENPLANE_ACCESS_KEY");
  s3->add_option("--secret-key", options.secret_key, "Default: TOKENPLANE_SECRET_KEY");
  s3->add_option("--region", options.region, "Region to sign for (default us-east-1)");
  s3->add_option("--bucket", options.bucket, "Bucket, made if it is not there (default bench)");
  s3->add_option("--prefix", options.prefix, "Prefix of the keys (default bench/)");
  s3->add_option("--mix", texts->mix, "Operations and weights: get=70,put=20,head=5,delete=5,list=1");
  s3->add_option("--size", texts->size, "Object size, such as 4KiB or 64MiB");
  s3->add_option("--objects", options.objects, "Objects to prepare and choose from (default 1000)");
  s3->add_option("--range", texts->range, "GET random ranges of this size (default: whole objects)");
  s3->add_option("--list-page", options.list_page, "Keys a LIST page (default 1000)")->check(CLI::Range(1, 1000));
  s3->add_option("--connections", options.connections, "Requests in flight (default 64)")->check(CLI::Range(1, 65536));
  s3->add_option("--threads", options.threads, "Client threads (default 1)")->check(CLI::Range(1, 256));
  s3->add_option("--duration", options.duration_seconds, "Seconds to measure (default 10)");
  s3->add_option("--warm-up", options.warm_up_seconds, "Seconds before that (default 2)");
  s3->add_option("--operations", options.operation_limit, "Stop after this many operations instead, without warm-up");
  s3->add_flag("--sign-payload", options.sign_payload, "Sign the SHA-256 of PUT bodies (default UNSIGNED-PAYLOAD)");
  s3->add_flag("--anonymous", options.anonymous, "No signatures");
  s3->add_flag("--create-keys", options.create_keys, "PUT makes new keys instead of overwriting");
  s3->add_flag("--no-prepare", texts->no_prepare, "The objects are there already");
  s3->add_flag("--clean-up", options.clean_up, "Delete the objects afterwards");
  s3->add_flag("--quiet", texts->quiet, "No progress line");
  s3->add_option("--json", options.json_file, "Write JSON to this file (- for standard output)");
  s3->add_option("--congestion", options.congestion_control, "TCP congestion control of the client's sockets");
  s3->callback([texts, run] { *run = [texts] { return run_bench_s3(*texts); }; });
}

}  // namespace tp::cli
