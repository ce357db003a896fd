#include "cli/bench/replay/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace tp::bench {

namespace {

constexpr double kWidth = 720, kHeight = 360, kLeft = 80, kRight = 150, kTop = 20, kBottom = 50;
constexpr int kTicks = 5;
constexpr const char* kColors[] = {"#1b6ca8", "#c8553d", "#588b4b", "#8a5aa8", "#b8860b",
                                   "#3a9d9d", "#777777", "#d4699e"};
constexpr const char* kStyle =
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#222}"
    "table{border-collapse:collapse}td,th{padding:.2em .8em;border-bottom:1px solid #ddd;text-align:left}"
    "svg text{font-size:12px;fill:#444}";

std::string escape(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else if (c == '&') out += "&amp;";
    else if (c == '"') out += "&quot;";
    else out += c;
  }
  return out;
}

std::string short_number(double value) {
  const double size = std::abs(value);
  if (size >= 1e9) return fmt::format("{:.3g} G", value / 1e9);
  if (size >= 1e6) return fmt::format("{:.3g} M", value / 1e6);
  if (size >= 1e4) return fmt::format("{:.3g} k", value / 1e3);
  return fmt::format("{:.3g}", value);
}

/// Where values lie on one axis.
struct Axis {
  double low = 0, high = 1, from = 0, to = 1;
  bool log = false;
  double place(double value) const {
    const double v = log ? std::log10(value) : value;
    return from + (v - low) / (high - low) * (to - from);
  }
  double value(double fraction) const {
    const double v = low + fraction * (high - low);
    return log ? std::pow(10, v) : v;
  }
};

bool shown(const Chart& chart, const std::pair<double, double>& point) {
  return std::isfinite(point.first) && std::isfinite(point.second) && (!chart.log_x || point.first > 0);
}

void fit(const Chart& chart, Axis* x, Axis* y) {
  double x_low = HUGE_VAL, x_high = -HUGE_VAL, y_low = 0, y_high = -HUGE_VAL;
  for (const Series& series : chart.series) {
    for (const auto& point : series.points) {
      if (!shown(chart, point)) continue;
      const double at = chart.log_x ? std::log10(point.first) : point.first;
      x_low = std::min(x_low, at);
      x_high = std::max(x_high, at);
      y_low = std::min(y_low, point.second);
      y_high = std::max(y_high, point.second);
    }
  }
  if (x_low > x_high) x_low = 0, x_high = 1, y_high = 1;
  if (x_high == x_low) x_high = x_low + 1;
  if (y_high <= y_low) y_high = y_low + 1;
  *x = {x_low, x_high, kLeft, kWidth - kRight, chart.log_x};
  *y = {y_low, y_high + (y_high - y_low) * 0.05, kHeight - kBottom, kTop, false};
}

void draw_axes(const Chart& chart, const Axis& x, const Axis& y, std::string* out) {
  for (int i = 0; i <= kTicks; ++i) {
    const double fraction = static_cast<double>(i) / kTicks;
    const double x_at = x.from + fraction * (x.to - x.from), y_at = y.from + fraction * (y.to - y.from);
    *out += fmt::format("<line x1=\"{0:.1f}\" y1=\"{1:.1f}\" x2=\"{2:.1f}\" y2=\"{1:.1f}\" stroke=\"#e4e4e4\"/>",
                        x.from, y_at, x.to);
    *out += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>", x.from - 6, y_at + 4,
                        short_number(y.value(fraction)));
    *out += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>", x_at, y.from + 18,
                        short_number(x.value(fraction)));
  }
  *out += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>", (x.from + x.to) / 2,
                      kHeight - 10, escape(chart.x_label));
  *out += fmt::format("<text transform=\"translate(14,{:.1f}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
                      (y.from + y.to) / 2, escape(chart.y_label));
}

std::string draw(const Chart& chart) {
  Axis x, y;
  fit(chart, &x, &y);
  std::string out = fmt::format("<h2>{}</h2><svg viewBox=\"0 0 {} {}\" width=\"{}\" role=\"img\" aria-label=\"{}\">",
                                escape(chart.title), kWidth, kHeight, kWidth, escape(chart.title));
  draw_axes(chart, x, y, &out);
  for (size_t i = 0; i < chart.series.size(); ++i) {
    const char* color = kColors[i % std::size(kColors)];
    std::string line;
    for (const auto& point : chart.series[i].points) {
      if (!shown(chart, point)) continue;
      line += fmt::format("{:.1f},{:.1f} ", x.place(point.first), y.place(point.second));
      out += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2.5\" fill=\"{}\"/>", x.place(point.first),
                         y.place(point.second), color);
    }
    out += fmt::format("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\"/>", line, color);
    out += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" style=\"fill:{}\">{}</text>", kWidth - kRight + 12,
                       kTop + 16 + 18 * static_cast<double>(i), color, escape(chart.series[i].name));
  }
  return out + "</svg>";
}

std::string draw(const PageTable& table) {
  std::string out = fmt::format("<h2>{}</h2><table>", escape(table.title));
  for (size_t i = 0; i < table.rows.size(); ++i) {
    const char* cell = i == 0 ? "th" : "td";
    out += "<tr>";
    for (const std::string& text : table.rows[i]) out += fmt::format("<{0}>{1}</{0}>", cell, escape(text));
    out += "</tr>";
  }
  return out + "</table>";
}

}  // namespace

std::string render_page(const std::string& title, const std::string& intro, const std::vector<PageTable>& tables,
                        const std::vector<Chart>& charts) {
  std::string out = fmt::format(
      "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0}</title><style>{1}</style></head>"
      "<body><h1>{0}</h1><p>{2}</p>",
      escape(title), kStyle, escape(intro));
  for (const PageTable& table : tables) out += draw(table);
  for (const Chart& chart : charts) out += draw(chart);
  return out + "</body></html>\n";
}

}  // namespace tp::bench
