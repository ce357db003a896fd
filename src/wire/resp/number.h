// Numbers as Redis reads and writes them: what is an integer or a float to it, and how its answers look.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"

namespace tp::wire {

/// A decimal 64-bit integer in its one canonical form: no '+', spaces, leading zeros or "-0".
std::optional<int64_t> parse_integer(BytesView text) noexcept;

/// Writes the integer's decimal form to `out`, which has 20 bytes; returns its length.
size_t format_integer(int64_t value, char* out) noexcept;

/// A float in any form that strtold() takes, whole, without leading space; no NaN.
std::optional<long double> parse_float(BytesView text);

/// "10.5", "3", "0.1": with at most 17 decimals and no zeros at their end, as INCRBYFLOAT answers.
std::string format_float(long double value);

}  // namespace tp::wire
