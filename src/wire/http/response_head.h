// ResponseHead: the head of one HTTP/1.x response, for our clients. Views and reuse as in RequestHead.
// Spec: RFC 9112 §4, §6.3.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "wire/http/header.h"

namespace tp::wire {

struct ResponseHead {
  int status = 0;               // 100..999
  bool http_1_0 = false;
  bool keep_alive = true;
  bool chunked = false;
  std::optional<uint64_t> content_length;
  std::string_view reason;
  HeaderList headers;
  size_t head_bytes = 0;

  /// Whether a body follows by this head alone: 1xx, 204 and 304 have none, and neither has an answer to HEAD.
  bool may_have_body(bool request_was_head) const noexcept {
    return !request_was_head && status >= 200 && status != 204 && status != 304;
  }
  /// Whether the body, if there is one, ends when the connection does.
  bool body_until_close() const noexcept { return !chunked && !content_length; }
  std::optional<std::string_view> find_header(std::string_view name) const noexcept {
    return wire::find_header(headers, name);
  }
  void clear() noexcept {
    HeaderList kept = std::move(headers);
    kept.clear();
    *this = ResponseHead();
    headers = std::move(kept);
  }
};

}  // namespace tp::wire
