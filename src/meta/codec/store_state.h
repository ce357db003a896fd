// StoreState: the one record that says what this store is. It is read before anything else, so its encoding stays as it
// is in every later version. Owner: MetaStore. Encoding: docs/formats/records.md.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace tp::meta {

struct StoreState {
  uint32_t format_version = 0;
  uint64_t start_number = 0;  // counts the starts of the store
  Bytes store_id;             // 16 random bytes
};

Bytes store_state_key();
Bytes encode_store_state(const StoreState& state);
Result<StoreState> decode_store_state(BytesView value);

}  // namespace tp::meta
