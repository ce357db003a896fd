#include "front/s3/list/list_text.h"

#include <cstring>

#include "wire/text/timestamp.h"
#include "wire/text/xml_writer.h"

namespace tp::s3 {

namespace {

constexpr std::array<bool, 256> plain_table() {
  std::array<bool, 256> table{};
  for (unsigned c = 0; c < 256; ++c) {
    table[c] = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
               c == '.' || c == '/' || c == '*';
  }
  return table;
}
constexpr std::array<bool, 256> kPlain = plain_table();
constexpr char kUpperHex[] = "0123456789ABCDEF";

void append_open(Bytes& out, std::string_view tag) {
  out += '<';
  out.append(tag);
  out += '>';
}
void append_close(Bytes& out, std::string_view tag) {
  out.append("</", 2);
  out.append(tag);
  out += '>';
}

}  // namespace

void append_listing_encoded(Bytes& out, BytesView name) {
  size_t plain = 0;
  for (size_t i = 0; i < name.size(); ++i) {
    const auto byte = static_cast<uint8_t>(name[i]);
    if (kPlain[byte]) continue;
    out.append(name.data() + plain, i - plain);
    const char escape[3] = {'%', kUpperHex[byte >> 4], kUpperHex[byte & 15]};
    out.append(escape, sizeof(escape));
    plain = i + 1;
  }
  out.append(name.data() + plain, name.size() - plain);
}

void ListText::name_element(std::string_view tag, BytesView name) {
  append_open(*out_, tag);
  if (url_encoded_) {
    append_listing_encoded(*out_, name);
  } else {
    wire::append_xml_escaped(*out_, name);
  }
  append_close(*out_, tag);
}

void ListText::time_element(std::string_view tag, rt::Nanos wall) {
  const int64_t second = wall < 0 ? 0 : wall / rt::kSecond;
  if (second != second_) {
    Bytes text;
    wire::append_iso8601(text, second * rt::kSecond);
    std::memcpy(time_text_.data(), text.data(), std::min(text.size(), time_text_.size()));
    second_ = second;
  }
  append_open(*out_, tag);
  out_->append(time_text_.data(), time_text_.size());
  append_close(*out_, tag);
}

}  // namespace tp::s3
