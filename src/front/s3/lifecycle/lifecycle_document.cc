#include "front/s3/lifecycle/lifecycle_document.h"

#include <charconv>

#include "front/s3/core/s3_error.h"
#include "front/s3/message/xml_response.h"
#include "wire/text/timestamp.h"

namespace tp::s3 {

namespace {

using lifecycle::FilterForm;
using lifecycle::LifecycleRule;
using wire::XmlNode;

std::unexpected<Error> malformed() { return s3_fail(S3Code::kMalformedXml); }

// Each takes an element that may come once.

Result<void> take_number(const XmlNode& node, std::optional<int64_t>* out) {
  const std::string text = node.text();
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (*out || error != std::errc() || end != text.data() + text.size()) return malformed();
  *out = number;
  return ok;
}

Result<void> take_date(const XmlNode& node, std::optional<rt::Nanos>* out) {
  const auto date = wire::parse_iso8601(node.text());
  if (*out || !date) return malformed();
  *out = *date;
  return ok;
}

Result<void> take_flag(const XmlNode& node, std::optional<bool>* out) {
  const std::string text = node.text();
  if (*out || (text != "true" && text != "false")) return malformed();
  *out = text == "true";
  return ok;
}

Result<void> take_text(const XmlNode& node, std::string* out) {
  if (!out->empty()) return malformed();
  *out = node.text();
  return ok;
}

Result<void> take_tag(const XmlNode& node, meta::TagSet* tags) {
  const auto parts = node.children();
  if (parts.size() != 2 || !node.child("Key") || !node.child("Value")) return malformed();
  tags->emplace_back(node.child_text("Key"), node.child_text("Value"));
  return ok;
}

/// One condition of a filter, inside <And> or not.
Result<void> take_condition(const XmlNode& node, lifecycle::RuleFilter* filter) {
  if (node.name() == "Prefix") {
    if (filter->has_prefix) return malformed();
    filter->has_prefix = true;
    filter->prefix = node.text();
    return ok;
  }
  if (node.name() == "Tag") return take_tag(node, &filter->tags);
  if (node.name() == "ObjectSizeGreaterThan") return take_number(node, &filter->size_greater_than);
  if (node.name() == "ObjectSizeLessThan") return take_number(node, &filter->size_less_than);
  return malformed();
}

Result<void> take_filter(const XmlNode& node, lifecycle::RuleFilter* filter) {
  filter->form = FilterForm::kFilter;
  for (XmlNode part = node.first_child(); part; part = part.next_sibling()) {
    if (part.name() != "And") {
      TP_TRY_VOID(take_condition(part, filter));
      continue;
    }
    if (node.children().size() != 1) return malformed();
    filter->form = FilterForm::kAnd;
    for (XmlNode one = part.first_child(); one; one = one.next_sibling()) {
      TP_TRY_VOID(take_condition(one, filter));
    }
  }
  return ok;
}

Result<lifecycle::Expiration> parse_expiration(const XmlNode& node) {
  lifecycle::Expiration expiration;
  for (XmlNode part = node.first_child(); part; part = part.next_sibling()) {
    if (part.name() == "Days") TP_TRY_VOID(take_number(part, &expiration.days));
    else if (part.name() == "Date") TP_TRY_VOID(take_date(part, &expiration.date));
    else if (part.name() == "ExpiredObjectDeleteMarker")
      TP_TRY_VOID(take_flag(part, &expiration.expired_delete_marker));
    else return malformed();
  }
  return expiration;
}

Result<lifecycle::Transition> parse_transition(const XmlNode& node) {
  lifecycle::Transition transition;
  for (XmlNode part = node.first_child(); part; part = part.next_sibling()) {
    if (part.name() == "Days") TP_TRY_VOID(take_number(part, &transition.days));
    else if (part.name() == "Date") TP_TRY_VOID(take_date(part, &transition.date));
    else if (part.name() == "DaysSinceLastAccess") TP_TRY_VOID(take_number(part, &transition.access_days));
    else if (part.name() == "StorageClass") TP_TRY_VOID(take_text(part, &transition.storage_class));
    else return malformed();
  }
  return transition;
}

Result<lifecycle::NoncurrentExpiration> parse_noncurrent_expiration(const XmlNode& node) {
  lifecycle::NoncurrentExpiration expiration;
  for (XmlNode part = node.first_child(); part; part = part.next_sibling()) {
    if (part.name() == "NoncurrentDays") TP_TRY_VOID(take_number(part, &expiration.days));
    else if (part.name() == "NewerNoncurrentVersions")
      TP_TRY_VOID(take_number(part, &expiration.newer_noncurrent_versions));
    else return malformed();
  }
  return expiration;
}

Result<lifecycle::NoncurrentTransition> parse_noncurrent_transition(const XmlNode& node) {
  lifecycle::NoncurrentTransition transition;
  for (XmlNode part = node.first_child(); part; part = part.next_sibling()) {
    if (part.name() == "NoncurrentDays") TP_TRY_VOID(take_number(part, &transition.days));
    else if (part.name() == "NewerNoncurrentVersions")
      TP_TRY_VOID(take_number(part, &transition.newer_noncurrent_versions));
    else if (part.name() == "StorageClass") TP_TRY_VOID(take_text(part, &transition.storage_class));
    else return malformed();
  }
  return transition;
}

Result<void> take_abort(const XmlNode& node, LifecycleRule* rule) {
  if (rule->abort_upload) return malformed();
  rule->abort_upload = true;
  for (XmlNode part = node.first_child(); part; part = part.next_sibling()) {
    if (part.name() != "DaysAfterInitiation") return malformed();
    TP_TRY_VOID(take_number(part, &rule->abort_upload_days));
  }
  return ok;
}

Result<void> take_action(const XmlNode& node, LifecycleRule* rule) {
  if (node.name() == "Expiration") {
    if (rule->expiration) return malformed();
    TP_TRY(rule->expiration, parse_expiration(node));
  } else if (node.name() == "NoncurrentVersionExpiration") {
    if (rule->noncurrent_expiration) return malformed();
    TP_TRY(rule->noncurrent_expiration, parse_noncurrent_expiration(node));
  } else if (node.name() == "Transition") {
    TP_TRY(lifecycle::Transition transition, parse_transition(node));
    rule->transitions.push_back(std::move(transition));
  } else if (node.name() == "NoncurrentVersionTransition") {
    TP_TRY(lifecycle::NoncurrentTransition transition, parse_noncurrent_transition(node));
    rule->noncurrent_transitions.push_back(std::move(transition));
  } else if (node.name() == "AbortIncompleteMultipartUpload") {
    TP_TRY_VOID(take_abort(node, rule));
  } else {
    return malformed();
  }
  return ok;
}

Result<LifecycleRule> parse_rule(const XmlNode& node) {
  LifecycleRule rule;
  bool has_status = false, has_filter = false;
  for (XmlNode part = node.first_child(); part; part = part.next_sibling()) {
    if (part.name() == "ID") {
      TP_TRY_VOID(take_text(part, &rule.id));
    } else if (part.name() == "Status") {
      const std::string status = part.text();
      if (has_status || (status != "Enabled" && status != "Disabled")) return malformed();
      has_status = true;
      rule.enabled = status == "Enabled";
    } else if (part.name() == "Filter" || part.name() == "Prefix") {
      if (std::exchange(has_filter, true)) return malformed();
      if (part.name() == "Filter") {
        TP_TRY_VOID(take_filter(part, &rule.filter));
      } else {
        rule.filter.form = FilterForm::kPrefixElement;
        TP_TRY_VOID(take_condition(part, &rule.filter));
      }
    } else {
      TP_TRY_VOID(take_action(part, &rule));
    }
  }
  if (!has_status || !has_filter) return malformed();
  return rule;
}

void write_number(wire::XmlWriter& xml, std::string_view name, const std::optional<int64_t>& number) {
  if (number) xml.element(name, *number);
}

void write_conditions(wire::XmlWriter& xml, const lifecycle::RuleFilter& filter) {
  if (filter.has_prefix) xml.element("Prefix", filter.prefix);
  for (const auto& [key, value] : filter.tags) {
    xml.open("Tag");
    xml.element("Key", key);
    xml.element("Value", value);
    xml.close();
  }
  write_number(xml, "ObjectSizeGreaterThan", filter.size_greater_than);
  write_number(xml, "ObjectSizeLessThan", filter.size_less_than);
}

void write_filter(wire::XmlWriter& xml, const lifecycle::RuleFilter& filter) {
  if (filter.form == FilterForm::kPrefixElement) return xml.element("Prefix", filter.prefix);
  xml.open("Filter");
  if (filter.form == FilterForm::kAnd) xml.open("And");
  write_conditions(xml, filter);
  if (filter.form == FilterForm::kAnd) xml.close();
  xml.close();
}

void write_expiration(wire::XmlWriter& xml, const lifecycle::Expiration& expiration) {
  xml.open("Expiration");
  write_number(xml, "Days", expiration.days);
  if (expiration.date) xml.element("Date", wire::iso8601(*expiration.date));
  if (expiration.expired_delete_marker) xml.element("ExpiredObjectDeleteMarker", *expiration.expired_delete_marker);
  xml.close();
}

void write_transition(wire::XmlWriter& xml, const lifecycle::Transition& transition) {
  xml.open("Transition");
  write_number(xml, "Days", transition.days);
  if (transition.date) xml.element("Date", wire::iso8601(*transition.date));
  write_number(xml, "DaysSinceLastAccess", transition.access_days);
  xml.element("StorageClass", transition.storage_class);
  xml.close();
}

void write_noncurrent(wire::XmlWriter& xml, const LifecycleRule& rule) {
  for (const lifecycle::NoncurrentTransition& transition : rule.noncurrent_transitions) {
    xml.open("NoncurrentVersionTransition");
    write_number(xml, "NoncurrentDays", transition.days);
    write_number(xml, "NewerNoncurrentVersions", transition.newer_noncurrent_versions);
    xml.element("StorageClass", transition.storage_class);
    xml.close();
  }
  if (!rule.noncurrent_expiration) return;
  xml.open("NoncurrentVersionExpiration");
  write_number(xml, "NoncurrentDays", rule.noncurrent_expiration->days);
  write_number(xml, "NewerNoncurrentVersions", rule.noncurrent_expiration->newer_noncurrent_versions);
  xml.close();
}

}  // namespace

Result<lifecycle::LifecycleRules> parse_lifecycle_document(BytesView xml) {
  TP_TRY(const wire::XmlDocument document, parse_document(xml, "LifecycleConfiguration"));
  lifecycle::LifecycleRules rules;
  for (XmlNode node = document.root().first_child(); node; node = node.next_sibling()) {
    if (node.name() != "Rule") return malformed();
    TP_TRY(LifecycleRule rule, parse_rule(node));
    rules.rules.push_back(std::move(rule));
  }
  if (rules.rules.empty()) return malformed();
  return rules;
}

Bytes lifecycle_document(const lifecycle::LifecycleRules& rules) {
  Bytes out;
  wire::XmlWriter xml(out);
  xml.declaration();
  xml.open("LifecycleConfiguration", kNamespace);
  for (const LifecycleRule& rule : rules.rules) {
    xml.open("Rule");
    xml.element("ID", rule.id);
    write_filter(xml, rule.filter);
    xml.element("Status", rule.enabled ? "Enabled" : "Disabled");
    for (const lifecycle::Transition& transition : rule.transitions) write_transition(xml, transition);
    if (rule.expiration) write_expiration(xml, *rule.expiration);
    write_noncurrent(xml, rule);
    if (rule.abort_upload) {
      xml.open("AbortIncompleteMultipartUpload");
      write_number(xml, "DaysAfterInitiation", rule.abort_upload_days);
      xml.close();
    }
    xml.close();
  }
  xml.close();
  return out;
}

}  // namespace tp::s3
