// RestoreObject: makes an object of an offline class readable for some days.
#include <charconv>

#include "front/s3/message/body_reader.h"
#include "front/s3/message/xml_response.h"
#include "front/s3/object/object_handlers.h"

namespace tp::s3 {

namespace {

constexpr uint32_t kMaxDays = 36'500;

Result<uint32_t> parse_restore_document(BytesView xml) {
  TP_TRY(const wire::XmlDocument document, parse_document(xml, "RestoreRequest"));
  const wire::XmlNode root = document.root();
  for (const std::string_view part : {"SelectParameters", "OutputLocation", "Type"}) {
    if (root.child(part)) return s3_fail(S3Code::kNotImplemented, "Restore with SELECT is not implemented");
  }
  const std::string text = root.child_text("Days");
  uint32_t days = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), days);
  if (error != std::errc() || end != text.data() + text.size() || days == 0 || days > kMaxDays) {
    return s3_fail(S3Code::kMalformedXml);
  }
  // How fast: there is one speed.
  const wire::XmlNode parameters = root.child("GlacierJobParameters");
  const std::string tier = parameters ? parameters.child_text("Tier") : root.child_text("Tier");
  if (!tier.empty() && tier != "Standard" && tier != "Bulk" && tier != "Expedited") {
    return s3_fail(S3Code::kMalformedXml);
  }
  return days;
}

}  // namespace

Task<void> restore_object(S3Request& request) {
  TP_CO_TRY(BodyReader body, BodyReader::create(request, BodyReader::Kind::kDocument));
  TP_CO_TRY(const Bytes xml, co_await body.read_document(kMaxDocumentBytes));
  TP_CO_TRY(const uint32_t days, parse_restore_document(xml));
  TP_CO_TRY(const bool readable, co_await request.plane.restore_object(request.caller, request.object(), days));
  co_return co_await request.answer_empty(readable ? 200 : 202);
}

}  // namespace tp::s3
