// AccessLogSink and MetricsSink: where the front reports each finished request. The server plugs in the real ones; both
// are called on the request's loop and must not block.
#pragma once

#include <string_view>

#include "base/bytes.h"
#include "front/s3/core/operation.h"
#include "rt/env/clock.h"

namespace tp::s3 {

/// One finished request; the views are valid during the call only.
struct AccessRecord {
  rt::Nanos wall_time = 0;       // when it began
  rt::Nanos duration = 0;
  std::string_view request_id;
  std::string_view remote_address;
  std::string_view user_id;      // empty: anonymous
  Operation operation = Operation::kUnknown;
  std::string_view method, target;
  std::string_view bucket, key;  // decoded: any bytes
  int status = 0;                // 0: the client went before it was answered
  std::string_view error_code;   // empty: none
  uint64_t bytes_in = 0, bytes_out = 0;
  std::string_view user_agent;
};

class AccessLogSink {
 public:
  virtual ~AccessLogSink() = default;
  virtual void on_access(const AccessRecord& record) = 0;
};

class MetricsSink {
 public:
  virtual ~MetricsSink() = default;
  virtual void on_request(Operation operation, int status, uint64_t bytes_in, uint64_t bytes_out,
                          rt::Nanos duration) = 0;
};

/// One line without its line feed: time, request id, caller, operation, bucket, key, status, error code, bytes in,
/// bytes out, milliseconds, "user agent", remote address. "-" stands for nothing; names are percent-encoded, so that a
/// line is a line whatever a client calls things.
void append_access_line(Bytes& out, const AccessRecord& record);

}  // namespace tp::s3
