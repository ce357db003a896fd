// PriceSheet: what a terabyte of cache costs, from a TOML file. All of it is declared, nothing measured.
#pragma once

#include <string>

#include "base/result.h"

namespace tp::bench {

struct PriceSheet {
  std::string name = "built-in";
  double dollars_per_terabyte = 120;      // to buy a physical terabyte, with its share of the server around it
  double lifetime_years = 5;
  double watts_per_terabyte = 2;
  double pue = 1.3;                       // power usage effectiveness of the hall
  double dollars_per_kilowatt_hour = 0.08;
  double operations_dollars_per_terabyte_hour = 0.002;
  double egress_dollars_per_gigabyte = 0;
  double dollars_per_million_requests = 0;
  double physical_bytes_per_byte = 1.15;  // parity, metadata, indexes, snapshots

  /// Of `terabytes` physical ones over `hours`; without egress and requests.
  double holding_dollars(double terabytes, double hours) const;
  double dollars_per_terabyte_month() const;
};

/// kInvalidArgument names the key and the line.
Result<PriceSheet> parse_prices(const std::string& toml_text);

}  // namespace tp::bench
