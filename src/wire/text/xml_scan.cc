#include "wire/text/xml_scan.h"

#include <algorithm>

namespace tp::wire {

namespace {

constexpr size_t kMaxEntityBytes = 12;

class XmlScanner {
 public:
  XmlScanner(BytesView text, const XmlLimits& limits) noexcept : text_(text), limits_(limits) {}

  Result<void> scan() {
    if (text_.find('\0') != BytesView::npos) return fail(Code::kMalformed, "XML: a NUL byte");
    while (at_ < text_.size()) {
      if (text_[at_] != '<') {
        TP_TRY_VOID(characters(std::min(text_.find('<', at_), text_.size())));
        continue;
      }
      const BytesView rest = text_.substr(at_);
      if (rest.starts_with("<?")) {
        TP_TRY_VOID(skip_past(2, "?>"));
      } else if (rest.starts_with("<!--")) {
        TP_TRY_VOID(skip_past(4, "-->"));
      } else if (rest.starts_with("<![CDATA[")) {
        TP_TRY_VOID(skip_past(9, "]]>"));
      } else if (rest.starts_with("<!")) {
        return fail(Code::kMalformed, "XML: document type declarations are not accepted");
      } else {
        TP_TRY_VOID(tag());
      }
    }
    if (depth_ != 0) return fail(Code::kMalformed, "XML: an element is not closed");
    return ok;
  }

 private:
  Result<void> skip_past(size_t from, std::string_view end) {
    const size_t found = text_.find(end, at_ + from);
    if (found == BytesView::npos) return fail(Code::kMalformed, "XML: unexpected end");
    at_ = found + end.size();
    return count_node();
  }

  Result<void> count_node() {
    if (++nodes_ > limits_.max_nodes) return fail(Code::kTooLarge, "XML: too many elements");
    return ok;
  }

  /// Character data up to `end`, outside markup or inside an attribute value.
  Result<void> characters(size_t end) {
    for (;;) {
      const size_t offset = text_.substr(at_, end - at_).find('&');
      if (offset == BytesView::npos) break;
      const size_t ampersand = at_ + offset;
      const size_t size = text_.substr(ampersand, kMaxEntityBytes).find(';');
      if (size == BytesView::npos || !is_entity(text_.substr(ampersand + 1, size - 1))) {
        return fail(Code::kMalformed, "XML: an unknown entity");
      }
      at_ = ampersand + size + 1;
    }
    at_ = end;
    return ok;
  }

  static bool is_entity(std::string_view name) noexcept {
    if (name == "amp" || name == "lt" || name == "gt" || name == "quot" || name == "apos") return true;
    if (!name.starts_with('#')) return false;
    const uint32_t base = name.starts_with("#x") ? 16 : 10;
    name.remove_prefix(base == 16 ? 2 : 1);
    if (name.empty()) return false;
    uint32_t value = 0;
    for (const char c : name) {
      uint32_t digit = 99;
      if (c >= '0' && c <= '9') digit = static_cast<uint32_t>(c - '0');
      if (c >= 'a' && c <= 'f') digit = static_cast<uint32_t>(c - 'a' + 10);
      if (c >= 'A' && c <= 'F') digit = static_cast<uint32_t>(c - 'A' + 10);
      if (digit >= base || value > 0x10ffff) return false;
      value = value * base + digit;
    }
    return value != 0 && value <= 0x10ffff && (value < 0xd800 || value > 0xdfff);
  }

  Result<void> tag() {
    const bool closing = text_.substr(at_).starts_with("</");
    at_ += closing ? 2 : 1;
    char before = '\0';  // the last byte before the '>'
    while (at_ < text_.size() && text_[at_] != '>') {
      before = text_[at_];
      if (before == '<') return fail(Code::kMalformed, "XML: a bad tag");
      if (before == '"' || before == '\'') {
        TP_TRY_VOID(quoted(before));
        continue;
      }
      if (before == '=') TP_TRY_VOID(count_node());
      ++at_;
    }
    if (at_ == text_.size() || before == '\0') return fail(Code::kMalformed, "XML: a bad tag");
    ++at_;
    if (closing) {
      if (depth_ == 0) return fail(Code::kMalformed, "XML: an end tag without its element");
      --depth_;
      return ok;
    }
    TP_TRY_VOID(count_node());
    if (before != '/' && ++depth_ > limits_.max_depth) return fail(Code::kMalformed, "XML: nested too deep");
    return ok;
  }

  Result<void> quoted(char quote) {
    ++at_;
    const size_t end = text_.find(quote, at_);
    if (end == BytesView::npos) return fail(Code::kMalformed, "XML: unexpected end");
    TP_TRY_VOID(characters(end));
    ++at_;
    return ok;
  }

  BytesView text_;
  const XmlLimits& limits_;
  size_t at_ = 0;
  size_t depth_ = 0;
  size_t nodes_ = 0;
};

}  // namespace

Result<void> scan_xml(BytesView text, const XmlLimits& limits) { return XmlScanner(text, limits).scan(); }

}  // namespace tp::wire
