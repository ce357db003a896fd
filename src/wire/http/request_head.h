// RequestHead: the head of one HTTP/1.x request, with its framing already decided. All views point into the buffer
// that was parsed and live as long as its bytes stay in place. Reuse one object: its header array keeps its memory.
// Invariant (after HeadStatus::kComplete): not both `chunked` and `content_length` are set. Spec: RFC 9112 §3, §6.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "wire/http/header.h"

namespace tp::wire {

enum class HttpMethod : uint8_t { kGet, kHead, kPut, kPost, kDelete, kOptions, kPatch, kOther };

struct RequestHead {
  HttpMethod method = HttpMethod::kOther;
  bool http_1_0 = false;
  bool keep_alive = true;       // what the client asks for
  bool chunked = false;         // the body is in HTTP chunks
  bool expect_continue = false;
  bool has_query = false;       // whether the target has a '?'
  std::optional<uint64_t> content_length;  // nothing and not chunked: the request has no body
  std::string_view method_text;
  std::string_view target;      // as sent
  std::string_view path;        // still percent-encoded; begins with '/', or is "*"
  std::string_view query;       // after the '?', still percent-encoded
  std::string_view host;        // the Host field (an absolute-form target wins); with its port, if one was sent
  HeaderList headers;
  size_t head_bytes = 0;        // bytes of the buffer that the head took: the body starts there

  bool has_body() const noexcept { return chunked || content_length.value_or(0) > 0; }
  std::optional<std::string_view> find_header(std::string_view name) const noexcept {
    return wire::find_header(headers, name);
  }
  /// Forgets the values, keeps the memory.
  void clear() noexcept {
    HeaderList kept = std::move(headers);
    kept.clear();
    *this = RequestHead();
    headers = std::move(kept);
  }
};

}  // namespace tp::wire
