// {"id": …, "block_size": tokens, "start": seconds (ours, optional), "requests": [{"t": seconds since the conversation
// began, "in": tokens, "out": tokens, "runs": [start, length, …], "requests": [a sub-agent's]}]}, a conversation a
// line.
#include <nlohmann/json.hpp>
#include <queue>

#include "cache/sim/formats/readers.h"

namespace tp::cache::sim {
namespace {
constexpr size_t kMostWaiting = 1 << 20;  // requests of conversations that overlap
constexpr uint64_t kMostWaitingBlocks = 64 << 20;
constexpr unsigned kMostDepth = 16;

// Ids are local to their conversation: they get its number, mixed so that numbers do not meet.
uint64_t global_id(uint64_t conversation, uint64_t id) {
  uint64_t mixed = (conversation + 1) * 0x9E3779B97F4A7C15u ^ (id + 0x632BE59BD9B4E019u);
  mixed = (mixed ^ (mixed >> 32)) * 0xD6E8FEB86659FD93u;
  mixed = (mixed ^ (mixed >> 32)) * 0xD6E8FEB86659FD93u;
  return mixed ^ (mixed >> 32);
}

class ConversationReader final : public TraceReader {
 public:
  ConversationReader(std::unique_ptr<LineReader> lines, const TraceOptions& options)
      : lines_(std::move(lines)), options_(options), block_tokens_(options.block_tokens) {}

  uint32_t block_tokens() const override { return block_tokens_ ? block_tokens_ : kDefaultBlockTokens; }

  Result<bool> next(TraceRequest* request) override {
    // What waits may go once no conversation that is still to come can begin before it.
    while (!ended_ && (waiting_.empty() || waiting_.top().request.seconds > next_start_)) TP_TRY_VOID(read_one());
    if (waiting_.empty()) return false;
    // top() is const for the sake of the order, which the moved blocks are no part of.
    *request = std::move(const_cast<Waiting&>(waiting_.top()).request);
    waiting_blocks_ -= request->blocks.size();
    waiting_.pop();
    return true;
  }

 private:
  using Json = nlohmann::json;
  struct Waiting {
    TraceRequest request;
    uint64_t number = 0;
    bool operator<(const Waiting& other) const {
      if (request.seconds != other.request.seconds) return request.seconds > other.request.seconds;
      return number > other.number;
    }
  };

  Result<void> read_one() {
    std::string line;
    TP_TRY(const bool any, lines_->next(&line));
    if (!any) {
      ended_ = true;
      return ok;
    }
    const Json json = Json::parse(line, nullptr, false);
    if (!json.is_object() || !json.contains("requests")) return lines_->malformed("not an object with requests");
    const auto size = json.find("block_size");
    if (size != json.end()) {
      if (!size->is_number_unsigned() || size->get<uint64_t>() == 0 || size->get<uint64_t>() > (1u << 20)) {
        return lines_->malformed("no block_size");
      }
      if (block_tokens_ == 0) block_tokens_ = size->get<uint32_t>();
      if (block_tokens_ != size->get<uint32_t>()) return lines_->malformed("another block_size than before");
    }
    if (block_tokens_ == 0) block_tokens_ = kDefaultBlockTokens;
    double start = static_cast<double>(conversations_) * options_.conversation_seconds;
    if (const auto said = json.find("start"); said != json.end()) {
      if (!said->is_number() || said->get<double>() < next_start_) return lines_->malformed("no start in order");
      start = said->get<double>();
    }
    next_start_ = start;
    TP_TRY_VOID(take_requests(json["requests"], start, 0));
    ++conversations_;
    return ok;
  }

  Result<void> take_requests(const Json& requests, double start, unsigned depth) {
    if (!requests.is_array() || depth > kMostDepth)
      return lines_->malformed("requests are no list, or nested too deeply");
    for (const Json& said : requests) {
      if (!said.is_object()) return lines_->malformed("a request that is no object");
      if (said.contains("runs")) {
        TP_TRY(TraceRequest request, take_request(said, start));
        waiting_blocks_ += request.blocks.size();
        waiting_.push({std::move(request), ++requests_});
        if (waiting_.size() > kMostWaiting || waiting_blocks_ > kMostWaitingBlocks) {
          return fail(Code::kTooLarge, "too many requests of this trace overlap");
        }
      } else if (!said.contains("requests")) {
        return lines_->malformed("a request without runs");
      }
      if (const auto nested = said.find("requests"); nested != said.end()) {
        TP_TRY_VOID(take_requests(*nested, start, depth + 1));
      }
    }
    return ok;
  }

  Result<TraceRequest> take_request(const Json& said, double start) const {
    const auto time = said.find("t"), input = said.find("in"), output = said.find("out");
    const Json& runs = said["runs"];
    if (time == said.end() || !time->is_number() || time->get<double>() < 0) return lines_->malformed("no t");
    if (input == said.end() || !input->is_number_unsigned()) return lines_->malformed("no in");
    if (output != said.end() && !output->is_number_unsigned()) return lines_->malformed("no number as out");
    if (!runs.is_array() || runs.size() % 2 != 0) return lines_->malformed("runs are not pairs");
    TraceRequest request;
    request.seconds = start + time->get<double>();
    request.input_tokens = input->get<uint64_t>();
    request.output_tokens = output == said.end() ? 0 : output->get<uint64_t>();
    for (size_t at = 0; at < runs.size(); at += 2) {
      if (!runs[at].is_number_unsigned() || !runs[at + 1].is_number_unsigned()) {
        return lines_->malformed("a run that is no pair of numbers");
      }
      const auto first = runs[at].get<uint64_t>(), length = runs[at + 1].get<uint64_t>();
      if (length > kMostBlocks - request.blocks.size() || first > UINT64_MAX - length) {
        return lines_->malformed("too many blocks");
      }
      for (uint64_t id = first; id < first + length; ++id) request.blocks.push_back(global_id(conversations_, id));
    }
    return request;
  }

  std::unique_ptr<LineReader> lines_;
  TraceOptions options_;
  uint32_t block_tokens_;
  std::priority_queue<Waiting> waiting_;
  uint64_t conversations_ = 0, requests_ = 0, waiting_blocks_ = 0;
  double next_start_ = 0;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<TraceReader> make_conversation_reader(std::unique_ptr<LineReader> lines, const TraceOptions& options) {
  return std::make_unique<ConversationReader>(std::move(lines), options);
}

}  // namespace tp::cache::sim
