// {"timestamp": ms, "input_length": tokens, "output_length": tokens, "hash_ids": [id, …]}, a request a line.
#include <nlohmann/json.hpp>

#include "cache/sim/formats/readers.h"

namespace tp::cache::sim {
namespace {

class MooncakeReader final : public TraceReader {
 public:
  MooncakeReader(std::unique_ptr<LineReader> lines, const TraceOptions& options)
      : lines_(std::move(lines)), block_tokens_(options.block_tokens ? options.block_tokens : kDefaultBlockTokens) {}

  uint32_t block_tokens() const override { return block_tokens_; }

  Result<bool> next(TraceRequest* request) override {
    TP_TRY(const bool any, lines_->next(&line_));
    if (!any) return false;
    const auto json = nlohmann::json::parse(line_, nullptr, false);
    if (!json.is_object()) return lines_->malformed("not a JSON object");
    const auto time = json.find("timestamp"), input = json.find("input_length"), ids = json.find("hash_ids");
    const auto output = json.find("output_length");
    if (time == json.end() || !time->is_number() || time->get<double>() < 0) return lines_->malformed("no timestamp");
    if (input == json.end() || !input->is_number_unsigned()) return lines_->malformed("no input_length");
    if (output != json.end() && !output->is_number_unsigned()) return lines_->malformed("no number as output_length");
    if (ids == json.end() || !ids->is_array() || ids->size() > kMostBlocks) return lines_->malformed("no hash_ids");
    request->seconds = time->get<double>() / 1000;
    if (request->seconds < last_seconds_) return lines_->malformed("earlier than the request before it");
    last_seconds_ = request->seconds;
    request->input_tokens = input->get<uint64_t>();
    request->output_tokens = output == json.end() ? 0 : output->get<uint64_t>();
    request->blocks.clear();
    for (const auto& id : *ids) {
      if (!id.is_number_unsigned()) return lines_->malformed("a hash id that is no number");
      request->blocks.push_back(id.get<uint64_t>());
    }
    if (request->input_tokens > request->blocks.size() * uint64_t{block_tokens_} ||
        request->input_tokens + block_tokens_ <= request->blocks.size() * uint64_t{block_tokens_}) {
      return lines_->malformed("input_length does not fit the number of hash_ids (" + std::to_string(block_tokens_) +
                               " tokens a block)");
    }
    return true;
  }

 private:
  std::unique_ptr<LineReader> lines_;
  uint32_t block_tokens_;
  std::string line_;
  double last_seconds_ = 0;
};

}  // namespace

std::unique_ptr<TraceReader> make_mooncake_reader(std::unique_ptr<LineReader> lines, const TraceOptions& options) {
  return std::make_unique<MooncakeReader>(std::move(lines), options);
}

}  // namespace tp::cache::sim
