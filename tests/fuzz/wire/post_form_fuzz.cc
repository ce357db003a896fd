// Browser uploads: every split has the same outcome.
#include "wire/fuzz_input.h"
#include "wire/upload/post_form_parser.h"

using tp::wire::PostFormParser;

namespace {

std::string parse(std::string_view body, size_t piece) {
  auto parser = PostFormParser::create("multipart/form-data; boundary=x-y");
  std::string outcome;
  std::string data;
  size_t idle = 0;
  const tp::fuzz::ExactCopy copy(body);
  for (size_t at = 0; at < body.size() && !parser->done();) {
    const std::string_view part = copy.view().substr(at, piece);
    const auto step = parser->next(part);
    if (!step) return "!";
    tp::fuzz::require(step->consumed_bytes <= part.size());
    idle = step->consumed_bytes == 0 ? idle + 1 : 0;
    tp::fuzz::require(idle < 3);
    data += step->file_data;
    at += step->consumed_bytes;
  }
  for (const auto& field : parser->fields()) outcome += field.name + "=" + field.value + "&";
  if (parser->file()) outcome += parser->file()->filename + "|" + parser->file()->content_type + "|" + data;
  return outcome + (parser->done() ? "#" : "");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view body = tp::fuzz::text_of(data, size);
  (void)PostFormParser::create(body);
  const std::string whole = parse(body, size + 1);
  tp::fuzz::require(whole == parse(body, 1));
  tp::fuzz::require(whole == parse(body, 5));
  return 0;
}
