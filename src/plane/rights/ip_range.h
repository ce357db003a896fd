// IpRange: an address or CIDR block of a policy condition or an export, IPv4 or IPv6. Spec: RFC 4632, RFC 4291 §2.3.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tp::plane {

/// 16 bytes; IPv4 as its IPv4-mapped form, so that "::ffff:10.0.0.1" and "10.0.0.1" are the same.
using IpAddress = std::array<uint8_t, 16>;
std::optional<IpAddress> parse_ip(std::string_view text);

struct IpRange {
  IpAddress base{};
  unsigned prefix_bits = 128;
  bool contains(const IpAddress& address) const;
};
/// "10.0.0.0/8", "2001:db8::/32", or one address.
std::optional<IpRange> parse_ip_range(std::string_view text);
/// Of those that parse.
std::vector<IpRange> parse_ip_ranges(const std::vector<std::string>& texts);

}  // namespace tp::plane
