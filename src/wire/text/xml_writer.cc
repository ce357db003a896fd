#include "wire/text/xml_writer.h"

#include <fmt/format.h>

#include "base/check.h"
#include "wire/text/utf8.h"

namespace tp::wire {

namespace {

constexpr char kUpperHex[] = "0123456789ABCDEF";

constexpr bool must_escape(char c) noexcept {
  const auto byte = static_cast<uint8_t>(c);
  return byte < 0x20 || c == '&' || c == '<' || c == '>' || c == '"' || byte == 0x7f;
}

constexpr std::array<bool, 256> escape_table() {
  std::array<bool, 256> table{};
  for (unsigned c = 0; c < 256; ++c) table[c] = must_escape(static_cast<char>(c));
  return table;
}
constexpr std::array<bool, 256> kMustEscape = escape_table();

void append_escape(Bytes& out, char c) {
  switch (c) {
    case '&': out.append("&amp;"); return;
    case '<': out.append("&lt;"); return;
    case '>': out.append("&gt;"); return;
    case '"': out.append("&quot;"); return;
    default: break;
  }
  const auto byte = static_cast<uint8_t>(c);
  out.append("&#x");
  if (byte >= 16) out += kUpperHex[byte >> 4];
  out += kUpperHex[byte & 15];
  out += ';';
}

}  // namespace

void append_xml_escaped(Bytes& out, BytesView text) {
  // What file protocols named may be no text; XML has no way to say its bytes.
  if (!is_valid_utf8(text)) {
    append_xml_escaped(out, as_valid_utf8(text));
    return;
  }
  size_t plain = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (!kMustEscape[static_cast<uint8_t>(text[i])]) continue;
    out.append(text.data() + plain, i - plain);
    append_escape(out, text[i]);
    plain = i + 1;
  }
  out.append(text.data() + plain, text.size() - plain);
}

void XmlWriter::declaration() { out_->append("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"); }

void XmlWriter::open(std::string_view name, std::string_view attributes) {
  TP_CHECK(depth_ < kMaxDepth);
  open_[depth_++] = name;
  *out_ += '<';
  out_->append(name);
  if (!attributes.empty()) {
    *out_ += ' ';
    out_->append(attributes);
  }
  *out_ += '>';
}

void XmlWriter::close() {
  TP_CHECK(depth_ > 0);
  out_->append("</", 2);
  out_->append(open_[--depth_]);
  *out_ += '>';
}

void XmlWriter::element(std::string_view name, BytesView text) {
  *out_ += '<';
  out_->append(name);
  *out_ += '>';
  append_xml_escaped(*out_, text);
  out_->append("</", 2);
  out_->append(name);
  *out_ += '>';
}

void XmlWriter::number_element(std::string_view name, int64_t number) {
  const fmt::format_int digits(number);
  element(name, BytesView(digits.data(), digits.size()));
}

void XmlWriter::empty_element(std::string_view name) {
  *out_ += '<';
  out_->append(name);
  out_->append("/>", 2);
}

}  // namespace tp::wire
