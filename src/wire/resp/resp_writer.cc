#include "wire/resp/resp_writer.h"

#include <cstdio>

namespace tp::wire {

void RespWriter::head(char type, int64_t number) {
  char line[24];
  line[0] = type;
  size_t size = 1 + format_integer(number, line + 1);
  line[size++] = '\r';
  line[size++] = '\n';
  out_.append(line, size);
}

void RespWriter::simple(BytesView text) {
  out_.push_back('+');
  out_.append(text);
  raw("\r\n");
}

void RespWriter::error(BytesView text) {
  ++errors_;
  out_.push_back('-');
  for (const char c : text) out_.push_back(c == '\r' || c == '\n' ? ' ' : c);
  raw("\r\n");
}

void RespWriter::bulk(BytesView bytes) {
  bulk_head(bytes.size());
  out_.append(bytes);
  raw("\r\n");
}

void RespWriter::bulk_integer(int64_t value) {
  char text[20];
  bulk(BytesView(text, format_integer(value, text)));
}

void RespWriter::map(size_t pairs) {
  if (protocol_ == 2) {
    array(2 * pairs);
  } else {
    head('%', static_cast<int64_t>(pairs));
  }
}

void RespWriter::real(double value) {
  char text[64];
  const int size = std::snprintf(text, sizeof text, "%.17g", value);
  const BytesView digits(text, size > 0 ? static_cast<size_t>(size) : 0);
  if (protocol_ == 2) return bulk(digits);
  out_.push_back(',');
  out_.append(digits);
  raw("\r\n");
}

void RespWriter::verbatim(BytesView text) {
  if (protocol_ == 2) return bulk(text);
  head('=', static_cast<int64_t>(text.size() + 4));
  raw("txt:");
  out_.append(text);
  raw("\r\n");
}

}  // namespace tp::wire
