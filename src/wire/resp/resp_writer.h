// RespWriter: appends RESP replies to a buffer, in version 2 or 3 of the protocol: what version 2 lacks (maps, sets,
// booleans, nulls) is written as Redis does there. Spec: the RESP specification.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "wire/resp/number.h"

namespace tp::wire {

class RespWriter {
 public:
  int protocol() const { return protocol_; }
  void set_protocol(int version) { protocol_ = version; }

  void raw(BytesView bytes) { out_.append(bytes); }
  void ok() { raw("+OK\r\n"); }
  /// No line breaks in it.
  void simple(BytesView text);
  /// "ERR ..." with its code; line breaks in it become spaces.
  void error(BytesView text);
  /// Written so far, those that were taken back included.
  uint64_t errors() const { return errors_; }
  void integer(int64_t value) { head(':', value); }
  void bulk(BytesView bytes);
  void bulk_integer(int64_t value);
  void bulk_head(size_t size) { head('$', static_cast<int64_t>(size)); }
  void bulk_end() { raw("\r\n"); }
  /// A missing value: "$-1" or "_".
  void null() { raw(protocol_ == 2 ? BytesView("$-1\r\n") : BytesView("_\r\n")); }
  /// A missing array: "*-1" or "_".
  void null_array() { raw(protocol_ == 2 ? BytesView("*-1\r\n") : BytesView("_\r\n")); }
  void array(size_t count) { head('*', static_cast<int64_t>(count)); }
  void set(size_t count) { head(protocol_ == 2 ? '*' : '~', static_cast<int64_t>(count)); }
  void map(size_t pairs);
  void real(double value);
  /// Text for people: a bulk string or "=n\r\ntxt:...".
  void verbatim(BytesView text);

 protected:
  Bytes out_;

 private:
  void head(char type, int64_t number);

  int protocol_ = 2;
  uint64_t errors_ = 0;
};

}  // namespace tp::wire
