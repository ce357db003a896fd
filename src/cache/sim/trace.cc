#include "cache/sim/trace.h"

#include <nlohmann/json.hpp>

#include "cache/sim/formats/readers.h"

namespace tp::cache::sim {

Result<TraceFormat> parse_trace_format(std::string_view name) {
  if (name == "mooncake") return TraceFormat::kMooncake;
  if (name == "conversation") return TraceFormat::kConversation;
  if (name == "csv") return TraceFormat::kCsv;
  return fail(Code::kInvalidArgument,
              "there is no trace format " + std::string(name) + " (mooncake, conversation, csv)");
}

Result<std::unique_ptr<TraceReader>> TraceReader::open(const std::string& path, const TraceOptions& options) {
  TP_TRY(auto lines, LineReader::open(path));
  TraceFormat format = options.format;
  if (format == TraceFormat::kDetect) {
    std::string line;
    TP_TRY(const bool any, lines->next(&line));
    format = TraceFormat::kCsv;
    if (any && line.starts_with("{")) {
      const auto json = nlohmann::json::parse(line, nullptr, false);
      if (json.is_discarded()) return lines->malformed("not a JSON object");
      format = json.contains("requests") ? TraceFormat::kConversation : TraceFormat::kMooncake;
    }
    if (any) lines->again(std::move(line));
  }
  switch (format) {
    case TraceFormat::kMooncake:
      return make_mooncake_reader(std::move(lines), options);
    case TraceFormat::kConversation:
      return make_conversation_reader(std::move(lines), options);
    default:
      return make_csv_reader(std::move(lines), options);
  }
}

}  // namespace tp::cache::sim
