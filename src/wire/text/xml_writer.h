// XmlWriter: appends XML to a buffer, as S3 writes its answers.
// Invariant: text is escaped; every element that was opened is closed by name. Element names are trusted literals: the
// writer keeps views of them. Control characters become character references (&#xD;), as S3 does for keys.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "base/bytes.h"

namespace tp::wire {

/// Appends `text` with & < > " and control characters escaped; safe in element text and in quoted attribute values.
void append_xml_escaped(Bytes& out, BytesView text);

class XmlWriter {
 public:
  static constexpr size_t kMaxDepth = 16;

  /// `out` outlives the writer.
  explicit XmlWriter(Bytes& out) noexcept : out_(&out) {}

  /// <?xml version="1.0" encoding="UTF-8"?> and a line feed, as S3 begins.
  void declaration();
  /// `attributes` is trusted text such as `xmlns="http://s3.amazonaws.com/doc/2006-03-01/"`.
  void open(std::string_view name, std::string_view attributes = {});
  /// Closes the innermost open element.
  void close();
  void text(BytesView text) { append_xml_escaped(*out_, text); }

  /// <name>text</name>
  void element(std::string_view name, BytesView text);
  void element(std::string_view name, const char* text) { element(name, BytesView(text)); }
  template <std::integral Number>
  void element(std::string_view name, Number number) {
    if constexpr (std::is_same_v<Number, bool>) {
      element(name, number ? BytesView("true") : BytesView("false"));
    } else {
      number_element(name, static_cast<int64_t>(number));
    }
  }
  /// <name/>
  void empty_element(std::string_view name);

  size_t depth() const noexcept { return depth_; }

 private:
  void number_element(std::string_view name, int64_t number);

  Bytes* out_;
  std::array<std::string_view, kMaxDepth> open_;
  size_t depth_ = 0;
};

}  // namespace tp::wire
