#include "lifecycle/rules.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/hash/sha256.h"

namespace tp::lifecycle {

namespace {

constexpr size_t kMadeIdLength = 48;

constexpr std::array<std::pair<std::string_view, int>, 9> kColdness = {{
    {"", 0},
    {"STANDARD", 0},
    {"REDUCED_REDUNDANCY", 0},
    {"STANDARD_IA", 10},
    {"INTELLIGENT_TIERING", 20},
    {"ONEZONE_IA", 30},
    {"GLACIER_IR", 50},
    {"GLACIER", 60},
    {"DEEP_ARCHIVE", 70},
}};
constexpr int kOwnClassColdness = 40;

}  // namespace

int coldness(std::string_view storage_class) {
  for (const auto& [name, value] : kColdness) {
    if (name == storage_class) return value;
  }
  return kOwnClassColdness;
}

std::string describe_filter(const RuleFilter& filter) {
  std::string text = "(prefix=" + filter.prefix;
  for (const auto& [key, value] : filter.tags) text += " and tag: key=" + key + ", value=" + value;
  if (filter.size_greater_than) text += " and ObjectSizeGreaterThan=" + std::to_string(*filter.size_greater_than);
  if (filter.size_less_than) text += " and ObjectSizeLessThan=" + std::to_string(*filter.size_less_than);
  return text + ")";
}

void complete(LifecycleRules* rules) {
  std::set<std::string> taken;
  for (const LifecycleRule& rule : rules->rules) taken.insert(rule.id);
  for (size_t i = 0; i < rules->rules.size(); ++i) {
    LifecycleRule& rule = rules->rules[i];
    if (!rule.id.empty()) continue;
    LifecycleRules alone;
    alone.rules.push_back(rule);
    std::string seed = std::to_string(i) + encode_rules(alone);
    do {
      rule.id = to_hex(as_view(sha256(seed))).substr(0, kMadeIdLength);
      seed += '+';
    } while (!taken.insert(rule.id).second);
  }
}

}  // namespace tp::lifecycle
