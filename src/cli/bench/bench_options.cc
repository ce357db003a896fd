#include "cli/bench/bench_options.h"

#include <cstdlib>

namespace tp::bench {

namespace {
constexpr const char* kNames[kKindCount] = {"get", "put", "head", "delete", "list"};
}

const char* kind_name(Kind kind) { return kNames[static_cast<size_t>(kind)]; }

Result<std::vector<MixEntry>> parse_mix(const std::string& text) {
  std::vector<MixEntry> mix;
  size_t begin = 0;
  while (begin < text.size()) {
    const size_t comma = std::min(text.find(',', begin), text.size());
    const std::string entry = text.substr(begin, comma - begin);
    const size_t equals = entry.find('=');
    const std::string name = entry.substr(0, equals);
    MixEntry parsed;
    size_t kind = 0;
    while (kind < kKindCount && name != kNames[kind]) ++kind;
    if (kind == kKindCount) return fail(Code::kInvalidArgument, "no such operation: " + name);
    parsed.kind = static_cast<Kind>(kind);
    if (equals != std::string::npos) {
      const long weight = std::strtol(entry.c_str() + equals + 1, nullptr, 10);
      if (weight <= 0 || weight > 1'000'000) return fail(Code::kInvalidArgument, "not a weight: " + entry);
      parsed.weight = static_cast<unsigned>(weight);
    }
    mix.push_back(parsed);
    begin = comma + 1;
  }
  if (mix.empty()) return fail(Code::kInvalidArgument, "the mix is empty");
  return mix;
}

Result<void> parse_endpoint(const std::string& text, Options* options) {
  constexpr std::string_view kScheme = "http://";
  if (!text.starts_with(kScheme)) return fail(Code::kInvalidArgument, "the endpoint must begin with http://: " + text);
  std::string authority = text.substr(kScheme.size());
  authority = authority.substr(0, authority.find('/'));
  const size_t colon = authority.rfind(':');
  options->port = 80;
  if (colon != std::string::npos) {
    const long port = std::strtol(authority.c_str() + colon + 1, nullptr, 10);
    if (port <= 0 || port > 65535) return fail(Code::kInvalidArgument, "the endpoint's port is wrong: " + text);
    options->port = static_cast<uint16_t>(port);
  }
  options->host = authority.substr(0, colon);
  return ok;
}

}  // namespace tp::bench
