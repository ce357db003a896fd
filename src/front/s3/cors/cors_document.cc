#include "front/s3/cors/cors_document.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "front/s3/core/s3_error.h"
#include "front/s3/message/xml_response.h"

namespace tp::s3 {

namespace {

Result<void> add_method(CorsRule& rule, const std::string& name) {
  const std::optional<CorsMethod> method = cors_method(name);
  if (!method) {
    return s3_fail(S3Code::kInvalidRequest,
                   fmt::format("Found unsupported HTTP method in CORS config. Unsupported method is {}", name));
  }
  rule.methods |= static_cast<uint8_t>(*method);
  return ok;
}

Result<void> check_pattern(std::string_view element, const std::string& pattern) {
  if (std::ranges::count(pattern, '*') <= 1) return ok;
  return s3_fail(S3Code::kInvalidRequest,
                 fmt::format("{} \"{}\" can not have more than one wildcard.", element, pattern));
}

Result<uint32_t> parse_max_age(const std::string& text) {
  uint32_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size()) return s3_fail(S3Code::kMalformedXml);
  return seconds;
}

Result<void> add_element(CorsRule& rule, std::string_view name, std::string text) {
  if (name == "AllowedMethod") return add_method(rule, text);
  if (name == "AllowedOrigin") {
    TP_TRY_VOID(check_pattern(name, text));
    rule.allowed_origins.push_back(std::move(text));
  } else if (name == "AllowedHeader") {
    TP_TRY_VOID(check_pattern(name, text));
    rule.allowed_headers.push_back(std::move(text));
  } else if (name == "ExposeHeader") {
    if (text.find('*') != std::string::npos) {
      return s3_fail(S3Code::kInvalidRequest, fmt::format("ExposeHeader \"{}\" contains wildcard. We currently do not "
                                                          "support wildcard for ExposeHeader.", text));
    }
    rule.expose_headers.push_back(std::move(text));
  } else if (name == "ID") {
    if (text.size() > kMaxCorsIdBytes) return s3_fail(S3Code::kMalformedXml);
    rule.id = std::move(text);
  } else if (name == "MaxAgeSeconds") {
    if (rule.max_age_seconds) return s3_fail(S3Code::kMalformedXml);
    TP_TRY(rule.max_age_seconds, parse_max_age(text));
  } else {
    return s3_fail(S3Code::kMalformedXml);
  }
  return ok;
}

}  // namespace

Result<CorsRules> parse_cors_document(BytesView xml) {
  TP_TRY(const wire::XmlDocument document, parse_document(xml, "CORSConfiguration"));
  CorsRules rules;
  for (wire::XmlNode node = document.root().first_child(); node; node = node.next_sibling()) {
    if (node.name() != "CORSRule" || rules.size() == kMaxCorsRules) return s3_fail(S3Code::kMalformedXml);
    CorsRule& rule = rules.emplace_back();
    for (wire::XmlNode part = node.first_child(); part; part = part.next_sibling()) {
      TP_TRY_VOID(add_element(rule, part.name(), part.text()));
    }
    if (rule.methods == 0 || rule.allowed_origins.empty()) return s3_fail(S3Code::kMalformedXml);
  }
  if (rules.empty()) return s3_fail(S3Code::kMalformedXml);
  return rules;
}

Bytes cors_document(const CorsRules& rules) {
  Bytes out;
  wire::XmlWriter xml(out);
  xml.declaration();
  xml.open("CORSConfiguration", kNamespace);
  for (const CorsRule& rule : rules) {
    xml.open("CORSRule");
    if (!rule.id.empty()) xml.element("ID", rule.id);
    for (const std::string& origin : rule.allowed_origins) xml.element("AllowedOrigin", origin);
    for (const CorsMethod method : cors_methods(rule.methods)) xml.element("AllowedMethod", cors_method_name(method));
    for (const std::string& header : rule.allowed_headers) xml.element("AllowedHeader", header);
    for (const std::string& header : rule.expose_headers) xml.element("ExposeHeader", header);
    if (rule.max_age_seconds) xml.element("MaxAgeSeconds", *rule.max_age_seconds);
    xml.close();
  }
  xml.close();
  return out;
}

}  // namespace tp::s3
