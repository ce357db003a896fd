// An HTML page with line charts drawn as SVG: no script, no other file. Text is escaped.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace tp::bench {

struct Series {
  std::string name;
  std::vector<std::pair<double, double>> points;  // by x, rising
};

struct Chart {
  std::string title, x_label, y_label;
  bool log_x = false;             // points with x <= 0 are left out
  std::vector<Series> series;
};

struct PageTable {
  std::string title;
  std::vector<std::vector<std::string>> rows;  // the first is the head
};

std::string render_page(const std::string& title, const std::string& intro, const std::vector<PageTable>& tables,
                        const std::vector<Chart>& charts);

}  // namespace tp::bench
