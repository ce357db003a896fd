// Checks on text that came from outside. Spec: RFC 3629 (UTF-8: no surrogates, no overlong forms, up to U+10FFFF).
#pragma once

#include "base/bytes.h"

namespace tp::wire {

bool is_valid_utf8(BytesView text) noexcept;
/// The text with U+FFFD in place of each byte that belongs to no character.
Bytes as_valid_utf8(BytesView text);
/// Whether all bytes are below 0x80.
bool is_ascii(BytesView text) noexcept;
/// Whether all bytes are printable ASCII or spaces: what may stand in a header as it is.
bool is_printable_ascii(BytesView text) noexcept;

}  // namespace tp::wire
