// Records out of fragments: the same in every split, within the limits, never more memory than twice the largest.
#include <algorithm>
#include <string>
#include <vector>

#include "net/rpc/rpc_framing.h"
#include "wire/fuzz_input.h"

namespace {

using namespace tp;
using fuzz::require;

constexpr size_t kMostBytes = 600;
constexpr unsigned kMostFragments = 6;

// The records, and how it ended.
std::vector<std::string> records(BytesView input, size_t step, bool direct) {
  const auto pool = std::make_shared<net::RpcRecordPool>(kMostBytes, 2);
  net::RpcFraming framing(kMostBytes, kMostFragments);
  std::vector<std::string> found;
  for (;;) {
    require(framing.held_bytes() <= kMostBytes);
    if (framing.want() == net::RpcFraming::Want::kRoom) {
      require(framing.room_wanted() <= kMostBytes);
      framing.give_room(*pool);
    } else if (framing.want() == net::RpcFraming::Want::kRelease) {
      const net::RpcFraming::Record record = framing.release();
      require(record.bytes.size() <= kMostBytes && framing.between_records());
      found.emplace_back(record.bytes);
    } else if (input.empty()) {
      found.emplace_back(framing.between_records() ? "end" : "cut");
      return found;
    } else if (const MutableBytes rest = framing.rest(); direct && !rest.empty()) {
      const size_t size = std::min({rest.size(), input.size(), step});
      std::copy_n(input.data(), size, rest.data());
      framing.filled(size);
      input.remove_prefix(size);
    } else {
      const fuzz::ExactCopy part(input.substr(0, step));
      const auto taken = framing.take(part.view(), *pool);
      if (!taken) {
        found.emplace_back("refused");
        return found;
      }
      require(*taken > 0 && *taken <= part.view().size());
      input.remove_prefix(*taken);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const BytesView input = fuzz::text_of(data, std::min<size_t>(size, 4096));
  const auto whole = records(input, input.size() + 1, false);
  for (const size_t step : {1, 3, 64}) {
    require(records(input, step, false) == whole);
    require(records(input, step, true) == whole);
  }
  return 0;
}
