#include "front/s3/lock/lock_document.h"

#include <charconv>
#include <limits>

#include "front/s3/core/s3_error.h"
#include "front/s3/message/xml_response.h"
#include "wire/text/timestamp.h"

namespace tp::s3 {

namespace {

using meta::RetentionMode;

std::unexpected<Error> malformed() { return s3_fail(S3Code::kMalformedXml); }

/// Days or years. Numbers that XML takes for integers and that are no period are the client's argument, not its XML.
Result<uint32_t> parse_period(const wire::XmlNode& node) {
  const std::string text = node.text();
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc::invalid_argument || end != text.data() + text.size()) return malformed();
  if (error != std::errc() || number <= 0 || number > std::numeric_limits<uint32_t>::max()) {
    return s3_fail(S3Code::kInvalidArgument, "Default retention period must be a positive integer value.");
  }
  return static_cast<uint32_t>(number);
}

Result<void> parse_default_retention(const wire::XmlNode& node, meta::LockRules* rules) {
  for (wire::XmlNode part = node.first_child(); part; part = part.next_sibling()) {
    if (part.name() == "Mode" && rules->mode == RetentionMode::kNone) {
      const auto mode = retention_mode_from_name(part.text());
      if (!mode) return malformed();
      rules->mode = *mode;
    } else if (part.name() == "Days" && rules->days == 0) {
      TP_TRY(rules->days, parse_period(part));
    } else if (part.name() == "Years" && rules->years == 0) {
      TP_TRY(rules->years, parse_period(part));
    } else {
      return malformed();
    }
  }
  if (rules->mode == RetentionMode::kNone || (rules->days == 0) == (rules->years == 0)) return malformed();
  return ok;
}

}  // namespace

std::string_view retention_mode_name(RetentionMode mode) noexcept {
  switch (mode) {
    case RetentionMode::kNone: return "";
    case RetentionMode::kGovernance: return "GOVERNANCE";
    case RetentionMode::kCompliance: return "COMPLIANCE";
  }
  return "";
}

std::optional<RetentionMode> retention_mode_from_name(std::string_view name) noexcept {
  if (name == "GOVERNANCE") return RetentionMode::kGovernance;
  if (name == "COMPLIANCE") return RetentionMode::kCompliance;
  return std::nullopt;
}

Result<meta::LockRules> parse_lock_configuration(BytesView xml) {
  TP_TRY(const wire::XmlDocument document, parse_document(xml, "ObjectLockConfiguration"));
  meta::LockRules rules;
  bool has_rule = false;
  for (wire::XmlNode node = document.root().first_child(); node; node = node.next_sibling()) {
    if (node.name() == "ObjectLockEnabled") {
      if (node.text() != "Enabled") return malformed();
      rules.enabled = true;
    } else if (node.name() == "Rule" && !has_rule) {
      has_rule = true;
      const auto parts = node.children();
      if (parts.size() != 1 || parts[0].name() != "DefaultRetention") return malformed();
      TP_TRY_VOID(parse_default_retention(parts[0], &rules));
    } else {
      return malformed();
    }
  }
  if (!rules.enabled) return malformed();
  return rules;
}

Bytes lock_configuration_document(const meta::LockRules& rules) {
  Bytes out;
  wire::XmlWriter xml(out);
  xml.declaration();
  xml.open("ObjectLockConfiguration", kNamespace);
  xml.element("ObjectLockEnabled", "Enabled");
  if (rules.mode != RetentionMode::kNone) {
    xml.open("Rule");
    xml.open("DefaultRetention");
    xml.element("Mode", retention_mode_name(rules.mode));
    if (rules.days != 0) xml.element("Days", rules.days);
    if (rules.years != 0) xml.element("Years", rules.years);
    xml.close();
    xml.close();
  }
  xml.close();
  return out;
}

Result<RetentionDocument> parse_retention(BytesView xml) {
  TP_TRY(const wire::XmlDocument document, parse_document(xml, "Retention"));
  RetentionDocument retention;
  bool has_until = false;
  for (wire::XmlNode node = document.root().first_child(); node; node = node.next_sibling()) {
    if (node.name() == "Mode" && retention.mode == RetentionMode::kNone) {
      const auto mode = retention_mode_from_name(node.text());
      if (!mode) return malformed();
      retention.mode = *mode;
    } else if (node.name() == "RetainUntilDate" && !has_until) {
      const auto until = wire::parse_iso8601(node.text());
      if (!until) return malformed();
      retention.until = *until;
      has_until = true;
    } else {
      return malformed();
    }
  }
  if (has_until != (retention.mode != RetentionMode::kNone)) return malformed();
  return retention;
}

Bytes retention_document(const RetentionDocument& retention) {
  Bytes out;
  wire::XmlWriter xml(out);
  xml.declaration();
  xml.open("Retention", kNamespace);
  if (retention.mode != RetentionMode::kNone) {
    xml.element("Mode", retention_mode_name(retention.mode));
    xml.element("RetainUntilDate", wire::iso8601(retention.until));
  }
  xml.close();
  return out;
}

Result<bool> parse_legal_hold(BytesView xml) {
  TP_TRY(const wire::XmlDocument document, parse_document(xml, "LegalHold"));
  const auto parts = document.root().children();
  if (parts.size() != 1 || parts[0].name() != "Status") return malformed();
  const std::string status = parts[0].text();
  if (status != "ON" && status != "OFF") return malformed();
  return status == "ON";
}

Bytes legal_hold_document(bool on) {
  Bytes out;
  wire::XmlWriter xml(out);
  xml.declaration();
  xml.open("LegalHold", kNamespace);
  xml.element("Status", on ? "ON" : "OFF");
  xml.close();
  return out;
}

}  // namespace tp::s3
