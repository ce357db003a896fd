// XDR items read as the input itself says, and the head of an RPC call. Whatever the bytes are, a view that comes out
// lies within them, what is bad stays bad, and what parses is written as it was read.
#include "wire/fuzz_input.h"
#include "wire/xdr/rpc_message.h"
#include "wire/xdr/xdr_reader.h"
#include "wire/xdr/xdr_writer.h"

namespace {

using namespace tp;
using fuzz::require;

bool inside(BytesView part, BytesView whole) {
  return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

// The script's letters name items; each that is read is written again.
void read_items(BytesView script, BytesView input) {
  wire::XdrReader in(input);
  wire::XdrWriter out;
  for (const char letter : script) {
    const bool good_before = in.good();
    const size_t before = in.position();
    BytesView view;
    switch (letter & 7) {
      case 0:
        out.u32(in.u32());
        break;
      case 1:
        out.u64(in.u64());
        break;
      case 2:
        out.i64(in.i64());
        break;
      case 3:
        out.boolean(in.boolean());
        break;
      case 4:
        out.opaque(view = in.opaque(static_cast<uint8_t>(letter) * 16u));
        break;
      case 5:
        out.fixed(view = in.fixed(static_cast<uint8_t>(letter)));
        break;
      case 6:
        out.u32(in.count(1000));
        break;
      case 7:
        out.opaque(view = in.opaque(SIZE_MAX));
        break;
    }
    require(inside(view, input) && in.position() >= before && in.position() <= input.size());
    require(good_before || (!in.good() && view.empty()));
    require(in.good() || (in.at_end() && in.rest().empty()));
    if (!in.good()) break;
    require(out.size() == in.position());
  }
  require(static_cast<bool>(in.status("items")) == in.good());
}

void read_call(BytesView input) {
  wire::XdrReader in(input);
  const auto head = wire::read_rpc_call(in);
  if (!head) {
    require(head.error().code == Code::kMalformed);
    return;
  }
  require(in.good() && inside(in.rest(), input));
  if (head->rpc_version != 2) return;
  require(head->bad_credential == (head->flavor == wire::RpcFlavor::kSys && !head->sys));
  if (!head->sys) return;
  const wire::AuthSys& sys = *head->sys;
  require(sys.machine.size() <= 255 && sys.groups.size() <= 16);
  // The head again, up to the end of the credential; padding is whatever the caller liked.
  wire::XdrWriter again;
  for (const uint32_t word : {head->xid, 0u, 2u, head->program, head->version, head->procedure, 1u}) again.u32(word);
  const size_t size = again.reserve_u32();
  again.u32(sys.stamp);
  again.opaque(sys.machine);
  again.u32(sys.uid);
  again.u32(sys.gid);
  again.u32(static_cast<uint32_t>(sys.groups.size()));
  for (const uint32_t group : sys.groups) again.u32(group);
  again.set_u32(size, static_cast<uint32_t>(again.size() - size - 4));
  const size_t machine_end = size + 4 + 8 + sys.machine.size();
  const size_t after_padding = machine_end + wire::xdr_padding(sys.machine.size());
  require(input.substr(0, machine_end) == again.view().substr(0, machine_end));
  require(input.substr(after_padding, again.size() - after_padding) == again.view().substr(after_padding));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const BytesView all = fuzz::text_of(data, std::min<size_t>(size, 4096));
  const fuzz::ExactCopy whole(all);
  read_call(whole.view());
  // A first byte that says how long the script is, the script, the items.
  if (all.empty()) return 0;
  const BytesView rest = all.substr(1);
  const size_t script_bytes = std::min<size_t>(static_cast<uint8_t>(all[0]) & 31, rest.size());
  const fuzz::ExactCopy items(rest.substr(script_bytes));
  read_items(rest.substr(0, script_bytes), items.view());
  return 0;
}
