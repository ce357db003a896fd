#include "front/s3/core/access_log.h"

#include "wire/text/timestamp.h"
#include "wire/text/uri.h"

namespace tp::s3 {

namespace {

void append_name(Bytes& out, std::string_view name) {
  out.push_back(' ');
  if (name.empty()) {
    out.push_back('-');
  } else {
    wire::append_percent_encoded(out, name, wire::Slash::kKeep);
  }
}

void append_number(Bytes& out, uint64_t number) {
  out.push_back(' ');
  out.append(std::to_string(number));
}

// Inside quotes: what could end the quotes or the line is written as \xNN.
void append_quoted(Bytes& out, std::string_view text) {
  out.append(" \"");
  for (const char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    if (byte < 0x20 || byte >= 0x7f || c == '"' || c == '\\') {
      out.append("\\x").append(to_hex(BytesView(&c, 1)));
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

}  // namespace

void append_access_line(Bytes& out, const AccessRecord& record) {
  wire::append_iso8601(out, record.wall_time);
  append_name(out, record.request_id);
  append_name(out, record.user_id);
  append_name(out, operation_name(record.operation));
  append_name(out, record.bucket);
  append_name(out, record.key);
  append_number(out, static_cast<uint64_t>(record.status));
  append_name(out, record.error_code);
  append_number(out, record.bytes_in);
  append_number(out, record.bytes_out);
  const int64_t microseconds = record.duration / 1000;
  append_number(out, static_cast<uint64_t>(microseconds / 1000));
  const std::string fraction = std::to_string(microseconds % 1000);
  out.append(".").append(3 - fraction.size(), '0').append(fraction);
  append_quoted(out, record.user_agent);
  out.push_back(' ');
  out.append(record.remote_address.empty() ? std::string_view("-") : record.remote_address);
}

}  // namespace tp::s3
