// XML documents: walked whole; what the writer writes of a text reads back as that text.
#include "wire/fuzz_input.h"
#include "wire/text/utf8.h"
#include "wire/text/xml_reader.h"
#include "wire/text/xml_writer.h"

namespace {

size_t walk(const tp::wire::XmlNode& node, size_t depth) {
  tp::fuzz::require(depth <= 33);
  size_t count = 1 + node.text().size() + node.attribute("a").size();
  for (const tp::wire::XmlNode& child : node.children()) count += walk(child, depth + 1);
  return count;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const tp::fuzz::ExactCopy copy(tp::fuzz::text_of(data, size));
  const auto document = tp::wire::XmlDocument::parse(copy.view());
  if (document) walk(document->root(), 1);
  if (!tp::wire::is_valid_utf8(copy.view()) || copy.view().find('\0') != std::string_view::npos) return 0;
  tp::Bytes out;
  tp::wire::XmlWriter writer(out);
  writer.open("A");
  writer.element("Key", copy.view());
  writer.close();
  const auto written = tp::wire::XmlDocument::parse(out);
  tp::fuzz::require(written && written->root().child_text("Key") == copy.view());
  return 0;
}
