// The readers of the formats; TraceReader::open chooses. Internal.
#pragma once

#include "cache/sim/formats/line_reader.h"
#include "cache/sim/trace.h"

namespace tp::cache::sim {

std::unique_ptr<TraceReader> make_mooncake_reader(std::unique_ptr<LineReader> lines, const TraceOptions& options);
std::unique_ptr<TraceReader> make_conversation_reader(std::unique_ptr<LineReader> lines, const TraceOptions& options);
std::unique_ptr<TraceReader> make_csv_reader(std::unique_ptr<LineReader> lines, const TraceOptions& options);

}  // namespace tp::cache::sim
