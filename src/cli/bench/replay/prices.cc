#include "cli/bench/replay/prices.h"

#include <fmt/format.h>

#include <toml++/toml.h>

#include <cmath>
#include <map>

namespace tp::bench {

namespace {
constexpr double kHoursPerYear = 8766;
constexpr double kHoursPerMonth = kHoursPerYear / 12;
}  // namespace

double PriceSheet::holding_dollars(double terabytes, double hours) const {
  const double hourly = dollars_per_terabyte / (lifetime_years * kHoursPerYear) +
                        watts_per_terabyte / 1000 * pue * dollars_per_kilowatt_hour +
                        operations_dollars_per_terabyte_hour;
  return terabytes * hours * hourly;
}

double PriceSheet::dollars_per_terabyte_month() const { return holding_dollars(1, kHoursPerMonth); }

Result<PriceSheet> parse_prices(const std::string& toml_text) {
  toml::table table;
  try {
    table = toml::parse(toml_text);
  } catch (const toml::parse_error& error) {
    return fail(Code::kInvalidArgument,
                fmt::format("line {}: {}", error.source().begin.line, std::string(error.description())));
  }
  PriceSheet prices;
  const std::map<std::string_view, double*> fields = {
      {"dollars_per_terabyte", &prices.dollars_per_terabyte},
      {"lifetime_years", &prices.lifetime_years},
      {"watts_per_terabyte", &prices.watts_per_terabyte},
      {"pue", &prices.pue},
      {"dollars_per_kilowatt_hour", &prices.dollars_per_kilowatt_hour},
      {"operations_dollars_per_terabyte_hour", &prices.operations_dollars_per_terabyte_hour},
      {"egress_dollars_per_gigabyte", &prices.egress_dollars_per_gigabyte},
      {"dollars_per_million_requests", &prices.dollars_per_million_requests},
      {"physical_bytes_per_byte", &prices.physical_bytes_per_byte}};
  for (const auto& [key, node] : table) {
    const auto wrong = [&](std::string_view why) {
      return fail(Code::kInvalidArgument, fmt::format("line {}: {}: {}", key.source().begin.line, key.str(), why));
    };
    if (key.str() == "name") {
      const auto name = node.value<std::string>();
      if (!name) return wrong("a text is wanted");
      prices.name = *name;
      continue;
    }
    const auto field = fields.find(key.str());
    if (field == fields.end()) return wrong("unknown");
    const auto value = node.value<double>();
    if (!value || !std::isfinite(*value) || *value < 0) return wrong("a number of at least 0 is wanted");
    *field->second = *value;
  }
  if (prices.lifetime_years <= 0 || prices.physical_bytes_per_byte < 1) {
    return fail(Code::kInvalidArgument, "lifetime_years must be above 0, physical_bytes_per_byte at least 1");
  }
  return prices;
}

}  // namespace tp::bench
