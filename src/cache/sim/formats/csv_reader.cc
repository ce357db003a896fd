// TIMESTAMP,ContextTokens,GeneratedTokens: arrivals and lengths only; no block is ever used again.
#include <charconv>
#include <chrono>
#include <cmath>
#include <optional>

#include "cache/sim/formats/readers.h"

namespace tp::cache::sim {
namespace {

template <class T>
bool parse_number(std::string_view text, T* value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  return error == std::errc() && end == text.data() + text.size();
}

// "2023-11-16 18:17:03.9799600", with T instead of the space, a zone at the end; or plain seconds.
std::optional<double> parse_time(std::string_view text) {
  double seconds = 0;
  if (parse_number(text, &seconds)) return std::isfinite(seconds) ? std::optional(seconds) : std::nullopt;
  unsigned year = 0, month = 0, day = 0, hour = 0, minute = 0;
  if (text.size() < 19 || text[4] != '-' || text[7] != '-' || (text[10] != ' ' && text[10] != 'T') || text[13] != ':' ||
      text[16] != ':') {
    return std::nullopt;
  }
  std::string_view rest = text.substr(17);
  if (rest.ends_with("Z")) rest.remove_suffix(1);
  if (rest.ends_with("+00:00")) rest.remove_suffix(6);
  if (!parse_number(text.substr(0, 4), &year) || !parse_number(text.substr(5, 2), &month) ||
      !parse_number(text.substr(8, 2), &day) || !parse_number(text.substr(11, 2), &hour) ||
      !parse_number(text.substr(14, 2), &minute) || !parse_number(rest, &seconds)) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)), std::chrono::month(month),
                                         std::chrono::day(day)};
  if (!date.ok() || hour > 23 || minute > 59 || !(seconds >= 0 && seconds < 61)) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count() * 86400.0 + hour * 3600.0 + minute * 60.0 + seconds;
}

class CsvReader final : public TraceReader {
 public:
  CsvReader(std::unique_ptr<LineReader> lines, const TraceOptions& options)
      : lines_(std::move(lines)), block_tokens_(options.block_tokens ? options.block_tokens : kDefaultBlockTokens) {}

  uint32_t block_tokens() const override { return block_tokens_; }

  Result<bool> next(TraceRequest* request) override {
    std::string line;
    TP_TRY(bool any, lines_->next(&line));
    if (any && !began_ && line.starts_with("TIMESTAMP,")) {
      TP_TRY(any, lines_->next(&line));
    }
    if (!any) return false;
    const std::string_view text = line;
    const size_t first = text.find(','), second = first == text.npos ? first : text.find(',', first + 1);
    if (second == text.npos) return lines_->malformed("not three fields");
    const auto time = parse_time(text.substr(0, first));
    if (!time) return lines_->malformed("no time");
    if (!parse_number(text.substr(first + 1, second - first - 1), &request->input_tokens) ||
        !parse_number(text.substr(second + 1), &request->output_tokens)) {
      return lines_->malformed("no number of tokens");
    }
    const uint64_t blocks = request->input_tokens / block_tokens_ + (request->input_tokens % block_tokens_ ? 1 : 0);
    if (blocks > kMostBlocks) return lines_->malformed("too many tokens");
    if (!began_) first_ = *time;
    began_ = true;
    request->seconds = *time - first_;
    if (request->seconds < last_) return lines_->malformed("earlier than the request before it");
    last_ = request->seconds;
    request->blocks.resize(blocks);
    for (uint64_t& block : request->blocks) block = next_block_++;
    return true;
  }

 private:
  std::unique_ptr<LineReader> lines_;
  uint32_t block_tokens_;
  uint64_t next_block_ = 0;
  double first_ = 0, last_ = 0;
  bool began_ = false;
};

}  // namespace

std::unique_ptr<TraceReader> make_csv_reader(std::unique_ptr<LineReader> lines, const TraceOptions& options) {
  return std::make_unique<CsvReader>(std::move(lines), options);
}

}  // namespace tp::cache::sim
