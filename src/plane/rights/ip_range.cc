#include "plane/rights/ip_range.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <string>

namespace tp::plane {
namespace {

constexpr unsigned kMappedBits = 96;

}  // namespace

std::optional<IpAddress> parse_ip(std::string_view text) {
  std::string terminated(text);
  IpAddress address{};
  if (inet_pton(AF_INET6, terminated.c_str(), address.data()) == 1) return address;
  if (inet_pton(AF_INET, terminated.c_str(), address.data() + 12) == 1) {
    address[10] = address[11] = 0xff;
    return address;
  }
  return std::nullopt;
}

bool IpRange::contains(const IpAddress& address) const {
  unsigned whole = prefix_bits / 8, rest = prefix_bits % 8;
  if (!std::equal(base.begin(), base.begin() + whole, address.begin())) return false;
  if (rest == 0) return true;
  uint8_t mask = static_cast<uint8_t>(0xff << (8 - rest));
  return (base[whole] & mask) == (address[whole] & mask);
}

std::optional<IpRange> parse_ip_range(std::string_view text) {
  size_t slash = text.find('/');
  auto base = parse_ip(text.substr(0, slash));
  if (!base) return std::nullopt;
  IpRange range{*base, 128};
  if (slash == std::string_view::npos) return range;
  std::string_view bits = text.substr(slash + 1);
  unsigned count = 0;
  auto [end, error] = std::from_chars(bits.data(), bits.data() + bits.size(), count);
  bool version_6 = text.find(':') != std::string_view::npos;
  if (error != std::errc() || end != bits.data() + bits.size() || count > (version_6 ? 128u : 32u)) return std::nullopt;
  range.prefix_bits = version_6 ? count : kMappedBits + count;
  return range;
}

std::vector<IpRange> parse_ip_ranges(const std::vector<std::string>& texts) {
  std::vector<IpRange> ranges;
  for (const std::string& text : texts) {
    if (const auto range = parse_ip_range(text)) ranges.push_back(*range);
  }
  return ranges;
}

}  // namespace tp::plane
