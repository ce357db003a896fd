#include "meta/codec/store_state.h"

#include "meta/codec/common_fields.h"

namespace tp::meta {

namespace {
constexpr size_t kStoreIdBytes = 16;
}

Bytes store_state_key() { return "s"; }

Bytes encode_store_state(const StoreState& state) {
  FieldWriter out(kValueVersion, 48);
  out.varint(1, state.format_version);
  out.varint(2, state.start_number);
  out.bytes(3, state.store_id);
  return out.take();
}

Result<StoreState> decode_store_state(BytesView value) {
  FieldReader in(value, kValueVersion);
  StoreState state;
  while (in.next()) {
    if (in.number() == 1) state.format_version = static_cast<uint32_t>(in.varint(UINT32_MAX));
    if (in.number() == 2) state.start_number = in.varint();
    if (in.number() == 3) state.store_id = Bytes(in.bytes(kStoreIdBytes));
  }
  in.require(state.format_version != 0 && state.store_id.size() == kStoreIdBytes);
  TP_TRY_VOID(in.finish("store's state"));
  return state;
}

}  // namespace tp::meta
