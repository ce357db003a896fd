// Any bytes as what a remote service says: an endpoint, the body of an error, a range with its header. No crash, and
// what reaches a log is one printable, bounded line.
#include <cstdint>
#include <cstdlib>

#include "net/remote/endpoint.h"
#include "net/remote/remote_error.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tp::net;
  const tp::BytesView bytes(reinterpret_cast<const char*>(data), size);
  if (const auto endpoint = parse_endpoint(bytes); endpoint && endpoint->host.empty()) std::abort();
  const size_t cut = size == 0 ? 0 : data[0] % (size + 1);
  RemoteAnswer answer;
  answer.status = 400 + (size == 0 ? 0 : data[0] % 120);
  answer.headers.emplace_back("x-ms-error-code", std::string(bytes.substr(0, cut)));
  answer.headers.emplace_back("Content-Range", std::string(bytes.substr(0, cut)));
  answer.body = bytes.substr(cut);
  const tp::Error error = error_of_answer(answer, "get");
  if (error.message.size() > 1000) std::abort();
  for (const char c : error.message) {
    if (c < 0x20 || c == 0x7f) std::abort();
  }
  answer.status = 206;
  const auto taken = take_range(answer, 10, 5, "get");
  if (taken && taken->size() != 5) std::abort();
  return 0;
}
