#include "cli/load/bench_replay_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "cli/bench/replay/replay_run.h"
#include "cli/store_access.h"
#include "server/cache/shipped_profiles.h"

namespace tp::cli {

namespace {

constexpr int kVoid = 2;
constexpr uint64_t kGeneratedRequests = 2000;

Result<std::string> read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return fail(Code::kNotFound, "cannot read " + path);
  return text.str();
}

Result<cache::Profile> load_profile(const std::string& name) {
  auto text = server::shipped_profile(name);
  if (!text) {
    auto read = read_text(name);
    if (!read) {
      return fail(Code::kInvalidArgument, fmt::format("--model: no file {}, and no shipped profile: {}", name,
                                                      server::shipped_profile_names()));
    }
    text = std::move(*read);
  }
  return cache::parse_profile(*text);
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

Result<bench::RespServer> server_of(const ReplayTexts& texts) {
  bench::RespServer server;
  const size_t colon = texts.server.rfind(':');
  const std::string port = colon == std::string::npos ? "" : texts.server.substr(colon + 1);
  const unsigned long number = port.empty() ? 0 : std::strtoul(port.c_str(), nullptr, 10);
  if (number == 0 || number > 65535) return fail(Code::kInvalidArgument, "--redis: HOST:PORT");
  server.host = texts.server.substr(0, colon);
  server.port = static_cast<uint16_t>(number);
  server.user = texts.user.empty() ? environment("TOKENPLANE_ACCESS_KEY") : texts.user;
  if (!server.user.empty()) server.password = environment("TOKENPLANE_SECRET_KEY");
  server.volume = texts.volume;
  server.identity = texts.identity;
  return server;
}

Result<bench::ReplayRunOptions> options_of(const ReplayTexts& texts, const ReplayTrace& trace) {
  bench::ReplayRunOptions options;
  TP_TRY(options.replay.server, server_of(texts));
  TP_TRY(options.replay.profile, load_profile(texts.profile));
  if (!texts.prices.empty()) {
    TP_TRY(const std::string text, read_text(texts.prices));
    TP_TRY(options.prices, bench::parse_prices(text));
  }
  options.replay.scale = texts.scale;
  options.replay.slo_seconds = texts.slo_seconds;
  options.replay.patience_seconds = texts.patience_seconds;
  options.replay.progress = !trace.json;
  options.trace_file = trace.file;
  options.trace.block_tokens = trace.block_tokens;
  if (!trace.format.empty()) {
    TP_TRY(options.trace.format, cache::sim::parse_trace_format(trace.format));
  }
  options.generate = trace.generate;
  if (trace.file.empty() && options.generate.requests == cache::sim::GenerateOptions().requests) {
    options.generate.requests = kGeneratedRequests;
  }
  options.most_requests = texts.most_requests;
  options.capacity_tokens = trace.capacity_tokens;
  return options;
}

Result<bool> replay(const ReplayTexts& texts, const ReplayTrace& trace) {
  TP_TRY(auto options, options_of(texts, trace));
  rt::Runtime runtime({.loops = 1, .blocking_threads = 1});
  TP_TRY(const bench::ReplayReport report, bench::run_replay(runtime, std::move(options)));
  fmt::print("{}", trace.json ? bench::replay_json(report) + "\n" : bench::replay_table(report));
  if (!texts.html.empty()) {
    std::ofstream page(texts.html, std::ios::binary);
    page << bench::replay_page(report);
    page.close();
    if (!page) return fail(Code::kIo, "cannot write " + texts.html);
  }
  return report.figures.valid;
}

}  // namespace

void add_replay_options(CLI::App& tokens, ReplayTexts* texts) {
  tokens.add_option("--redis", texts->server, "HOST:PORT of the cache to replay against (default 127.0.0.1:6379)");
  tokens.add_option("--user", texts->user,
                    "Of AUTH (default: TOKENPLANE_ACCESS_KEY); the password is TOKENPLANE_SECRET_KEY");
  tokens.add_option("--volume", texts->volume, "Cache volume (default: what the login has)");
  tokens.add_option("--identity", texts->identity, "FIELD=VALUE over the volume's identity; several times for several");
  tokens.add_option("--model", texts->profile, "Profile: a TOML file or a shipped one's name (default llama-3-8b)");
  tokens.add_option("--prices", texts->prices, "Price sheet, a TOML file (default: built-in figures)");
  tokens.add_option("--scale", texts->scale, "Bytes stored for each real one (default 0.001)");
  tokens.add_option("--slo", texts->slo_seconds, "Seconds after which a load is worth nothing (default 2)");
  tokens.add_option("--patience", texts->patience_seconds, "Seconds to wait for a server that went away (default 60)");
  tokens.add_option("--first", texts->most_requests, "Replay the first N requests only");
  tokens.add_option("--html", texts->html, "Write a page with plots");
}

int run_replay_command(const ReplayTexts& texts, const ReplayTrace& trace) {
  const auto valid = replay(texts, trace);
  if (!valid) return report_failure(valid.error());
  return *valid ? 0 : kVoid;
}

}  // namespace tp::cli
