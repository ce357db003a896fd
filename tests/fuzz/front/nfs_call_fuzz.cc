// Calls of NFS and MOUNT, of every version, over a whole store in memory: records with their marks, one after another.
// Whatever comes in, each call gets an answer of bounded size or the connection ends, and the store stays whole.
#include <spdlog/spdlog.h>

#include <algorithm>

#include "front/nfs_rig.h"
#include "wire/fuzz_input.h"
#include "wire/xdr/rpc_message.h"

namespace {

using namespace tp;

constexpr size_t kMostBytes = 32 << 10;
constexpr size_t kMostCalls = 64;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  spdlog::set_level(spdlog::level::off);
  BytesView input = fuzz::text_of(data, std::min(size, kMostBytes));
  if (input.size() < 4) return 0;
  fuzz::NfsRig rig;
  for (size_t calls = 0; calls < kMostCalls && input.size() >= 4; ++calls) {
    const uint32_t mark = get_be<uint32_t>(input.data()) & ~wire::kRpcLastFragment;
    input.remove_prefix(4);
    const BytesView record = input.substr(0, mark);
    input.remove_prefix(record.size());
    if (!rig.answer(Bytes(record))) break;
  }
  rig.check_store();
  return 0;
}
