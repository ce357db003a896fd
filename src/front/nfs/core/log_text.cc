#include "front/nfs/core/log_text.h"

namespace tp::nfs {

std::string log_text(BytesView text) {
  constexpr size_t kMaxBytes = 1000;
  constexpr char kDigits[] = "0123456789abcdef";
  std::string shown;
  for (const char byte : text.substr(0, kMaxBytes)) {
    const auto code = static_cast<unsigned char>(byte);
    if (byte == '\\') {
      shown += "\\\\";
    } else if (code >= 0x20 && code < 0x7f) {
      shown += byte;
    } else {
      shown += "\\x";
      shown += kDigits[code >> 4];
      shown += kDigits[code & 15];
    }
  }
  if (text.size() > kMaxBytes) shown += "...";
  return shown;
}

}  // namespace tp::nfs
