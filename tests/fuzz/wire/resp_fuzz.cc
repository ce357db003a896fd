// RESP requests: every split has the same outcome. The first byte picks who asks and the limits.
#include <optional>
#include <vector>

#include "wire/fuzz_input.h"
#include "wire/resp/request_parser.h"

using tp::wire::RequestParser;
using Step = RequestParser::Step;

namespace {

std::string words_of(const RequestParser& parser, std::string_view input, const std::vector<std::string>& values) {
  std::string words;
  for (size_t i = 0; i < parser.count(); ++i) {
    const auto& argument = parser.argument(i);
    tp::fuzz::require(!argument.is_value || argument.offset < values.size());
    words += argument.is_value ? values[argument.offset] : std::string(parser.view(argument, input));
    words += '|';
  }
  return words + "#";
}

std::string parse(std::string_view text, size_t piece, const tp::wire::RespLimits& limits, bool trusted) {
  RequestParser parser(limits);
  std::string outcome, buffer;
  std::vector<std::string> values;
  size_t fed = 0;
  for (;;) {
    const tp::fuzz::ExactCopy input(buffer);
    const Step step = parser.parse(input.view(), trusted);
    if (step == Step::kError) return outcome + parser.error();
    if (step == Step::kMore) {
      if (fed == text.size()) return outcome;
      const std::string_view more = text.substr(fed, piece);
      buffer.append(more);
      fed += more.size();
    } else if (step == Step::kValue) {
      tp::fuzz::require(parser.position() <= buffer.size() && parser.value_size() <= limits.max_bulk_bytes);
      std::string value = buffer.substr(parser.position(), parser.value_size());
      buffer.resize(parser.position());
      const std::string_view more = text.substr(fed, parser.value_size() - value.size());
      value.append(more);
      fed += more.size();
      if (value.size() < parser.value_size()) return outcome;
      values.push_back(std::move(value));
      parser.value_taken();
    } else {
      tp::fuzz::require(parser.size() > 0 && parser.size() <= buffer.size());
      if (step == Step::kRequest) outcome += words_of(parser, input.view(), values);
      values.clear();
      buffer.erase(0, parser.size());
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1 || size > 4096) return 0;
  tp::wire::RespLimits limits;
  limits.value_bytes = data[0] % 4 == 2 ? 10 : 2000;
  limits.max_inline_bytes = 10'000;
  const bool trusted = data[0] % 2 == 0;
  const std::string_view text = tp::fuzz::text_of(data + 1, size - 1);
  const std::string whole = parse(text, size, limits, trusted);
  tp::fuzz::require(whole == parse(text, 1, limits, trusted));
  tp::fuzz::require(whole == parse(text, 7, limits, trusted));
  return 0;
}
