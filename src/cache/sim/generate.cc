#include "cache/sim/generate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <ostream>
#include <unordered_map>

namespace tp::cache::sim {
namespace {
constexpr uint64_t kMostRequests = 10'000'000;
constexpr double kDaySeconds = 86'400;
constexpr uint64_t kMostPromptTokens = 128 * 1024;

// Small, and the same everywhere; the standard's distributions are not.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15u + 0xD1B54A32D192ED03u) {}
  double uniform() {  // [0, 1)
    state_ += 0x9E3779B97F4A7C15u;
    uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
    return static_cast<double>((mixed ^ (mixed >> 31)) >> 11) * 0x1p-53;
  }
  double exponential(double mean) { return -mean * std::log(1 - uniform()); }
  double lognormal(double median, double sigma) {
    const double radius = std::sqrt(-2 * std::log(1 - uniform()));
    return median * std::exp(sigma * radius * std::cos(2 * std::numbers::pi * uniform()));
  }
  uint64_t tokens(double median, double sigma) {
    return std::clamp<uint64_t>(static_cast<uint64_t>(lognormal(median, sigma)), 1, kMostPromptTokens / 2);
  }

 private:
  uint64_t state_;
};

// A stretch of text by its number and length; prompts with the same stretches in front have the same blocks there.
struct Part {
  uint64_t text = 0, tokens = 0;
};

struct Turn {
  double seconds = 0;  // since the conversation began
  uint64_t input_tokens = 0, output_tokens = 0;
  std::vector<uint64_t> blocks;  // numbered within the conversation in its format, globally in the other
};

struct Conversation {
  uint64_t number = 0;
  double start = 0;
  std::vector<Turn> turns;
};

class Generator {
 public:
  explicit Generator(const GenerateOptions& options) : options_(options), random_(options.seed) {
    for (unsigned at = 0; at < options_.system_prompts; ++at) {
      systems_.push_back({next_text_++, random_.tokens(1500, 0.9)});
    }
  }

  Conversation next() {
    const bool agent = random_.uniform() < options_.agent_share;
    advance_clock(agent ? options_.mean_steps : options_.mean_turns);
    Conversation made;
    made.number = conversations_++;
    made.start = clock_;
    std::vector<Part> prompt;
    // Some system prompts are used far more than others.
    if (!systems_.empty() && (agent || random_.uniform() < options_.system_share)) {
      const double rank = std::pow(static_cast<double>(systems_.size()), random_.uniform()) - 1;
      prompt.push_back(systems_[std::min(static_cast<size_t>(rank), systems_.size() - 1)]);
    }
    add(&prompt, random_.tokens(agent ? 600 : options_.prompt_tokens, agent ? 0.7 : 1.3));
    const double more = 1 - 1 / (agent ? options_.mean_steps : options_.mean_turns);
    double seconds = 0;
    while (true) {
      Turn turn;
      turn.seconds = seconds;
      turn.output_tokens = random_.tokens(agent ? 120 : 300, 0.6);
      number_blocks(prompt, &turn);
      made.turns.push_back(std::move(turn));
      if (random_.uniform() >= more || made.turns.back().input_tokens > kMostPromptTokens) break;
      add(&prompt, made.turns.back().output_tokens);
      add(&prompt, agent ? random_.tokens(500, 1.2) : random_.tokens(60, 1.0));
      seconds += agent ? random_.lognormal(options_.step_seconds, 0.8) : random_.lognormal(options_.think_seconds, 0.9);
    }
    return made;
  }

 private:
  // Arrivals at twice the mean rate by day, hardly any at night.
  void advance_clock(double turns) {
    const double day = 1 - 0.9 * std::cos(2 * std::numbers::pi * (clock_ / kDaySeconds + 0.375));
    clock_ += random_.exponential(turns / options_.requests_per_second / day);
  }

  void add(std::vector<Part>* prompt, uint64_t tokens) { prompt->push_back({next_text_++, tokens}); }

  // A block's number stands for all the text up to its end.
  void number_blocks(const std::vector<Part>& prompt, Turn* turn) {
    for (const Part& part : prompt) turn->input_tokens += part.tokens;
    uint64_t hash = 0, covered = 0, end = 0;
    size_t part = 0;
    while (covered < turn->input_tokens) {
      const uint64_t until = std::min<uint64_t>(covered + options_.block_tokens, turn->input_tokens);
      while (end < until) {
        hash = (hash ^ (prompt[part].text + 1)) * 0x9E3779B97F4A7C15u;
        hash ^= hash >> 29;
        end += prompt[part++].tokens;
      }
      const uint64_t key = (hash ^ until) * 0xD6E8FEB86659FD93u;
      turn->blocks.push_back(numbers_.try_emplace(key ^ (key >> 31), numbers_.size()).first->second);
      covered = until;
    }
  }

  GenerateOptions options_;
  Random random_;
  std::vector<Part> systems_;
  std::unordered_map<uint64_t, uint64_t> numbers_;
  uint64_t next_text_ = 0, conversations_ = 0;
  double clock_ = 0;
};

void write_conversation(const Conversation& conversation, uint32_t block_tokens, std::ostream& out) {
  out << fmt::format("{{\"id\": {}, \"block_size\": {}, \"start\": {:.3f}, \"requests\": [", conversation.number,
                     block_tokens, conversation.start);
  std::unordered_map<uint64_t, uint64_t> local;
  const char* comma = "";
  for (const Turn& turn : conversation.turns) {
    out << comma
        << fmt::format("{{\"t\": {:.3f}, \"in\": {}, \"out\": {}, \"runs\": [", turn.seconds, turn.input_tokens,
                       turn.output_tokens);
    std::vector<std::pair<uint64_t, uint64_t>> runs;
    for (const uint64_t block : turn.blocks) {
      const uint64_t id = local.try_emplace(block, local.size()).first->second;
      if (!runs.empty() && runs.back().first + runs.back().second == id) {
        ++runs.back().second;
      } else {
        runs.emplace_back(id, 1);
      }
    }
    for (size_t at = 0; at < runs.size(); ++at) {
      out << fmt::format("{}{}, {}", at == 0 ? "" : ", ", runs[at].first, runs[at].second);
    }
    out << "]}";
    comma = ", ";
  }
  out << "]}\n";
}

void write_requests(const std::vector<Conversation>& conversations, const GenerateOptions& options, std::ostream& out) {
  struct Arrival {
    double seconds;
    uint64_t number;  // orders what comes at the same time
    const Turn* turn;
  };
  std::vector<Arrival> requests;
  for (const Conversation& conversation : conversations) {
    for (const Turn& turn : conversation.turns) {
      requests.push_back({conversation.start + turn.seconds, requests.size(), &turn});
    }
  }
  std::sort(requests.begin(), requests.end(), [](const Arrival& a, const Arrival& b) {
    return a.seconds != b.seconds ? a.seconds < b.seconds : a.number < b.number;
  });
  requests.resize(std::min<size_t>(requests.size(), options.requests));
  const double first = requests.empty() ? 0 : requests.front().seconds;
  if (options.format == TraceFormat::kCsv) out << "TIMESTAMP,ContextTokens,GeneratedTokens\n";
  for (const auto& [seconds, number, turn] : requests) {
    if (options.format == TraceFormat::kCsv) {
      out << fmt::format("{:.3f},{},{}\n", seconds - first, turn->input_tokens, turn->output_tokens);
      continue;
    }
    out << fmt::format("{{\"timestamp\": {}, \"input_length\": {}, \"output_length\": {}, \"hash_ids\": [{}]}}\n",
                       static_cast<uint64_t>((seconds - first) * 1000), turn->input_tokens, turn->output_tokens,
                       fmt::join(turn->blocks, ", "));
  }
}

}  // namespace

Result<void> generate_trace(const GenerateOptions& options, std::ostream& out) {
  const auto share = [](double value) { return value >= 0 && value <= 1; };
  if (options.requests > kMostRequests || options.block_tokens == 0 || options.block_tokens > (1u << 20) ||
      !(options.requests_per_second > 0) || !share(options.agent_share) || !share(options.system_share) ||
      options.system_prompts > 100'000 || !(options.mean_turns >= 1) || !(options.mean_steps >= 1) ||
      !(options.think_seconds > 0) || !(options.step_seconds > 0) || !(options.prompt_tokens >= 1)) {
    return fail(Code::kInvalidArgument, "a parameter of the trace is out of range (at most 10,000,000 requests)");
  }
  Generator generator(options);
  std::vector<Conversation> conversations;
  uint64_t requests = 0;
  while (requests < options.requests) {
    Conversation made = generator.next();
    made.turns.resize(std::min<size_t>(made.turns.size(), options.requests - requests));
    requests += made.turns.size();
    if (options.format == TraceFormat::kConversation) {
      write_conversation(made, options.block_tokens, out);
    } else {
      conversations.push_back(std::move(made));
    }
  }
  if (options.format != TraceFormat::kConversation) write_requests(conversations, options, out);
  out.flush();
  if (!out) return fail(Code::kIo, "the trace could not be written");
  return ok;
}

}  // namespace tp::cache::sim
