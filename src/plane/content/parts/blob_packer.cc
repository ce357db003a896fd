#include "plane/content/parts/blob_packer.h"

#include <algorithm>
#include <cstring>

namespace tp::plane {

struct BlobPacker::State {
  State(Core& core_in, uint64_t total_bytes) : core(core_in), rest_bytes(total_bytes) {}
  Core& core;
  uint64_t rest_bytes;        // not given to a blob yet
  blob::Buffer buffer;
  std::unique_ptr<blob::BlobWriter> writer;
  uint64_t writer_bytes = 0;  // in the blob being written, with the buffer
  std::vector<blob::BlobRecord> blobs;
  std::vector<meta::Extent> extents;
  std::vector<size_t> blob_of;  // of each extent
  std::optional<Error> error;
  rt::TaskGroup finishing;
  bool kept = false;
};

namespace {

using State = BlobPacker::State;

Task<void> finish_blob(State* state, std::unique_ptr<blob::BlobWriter> writer, size_t index) {
  auto blob = co_await writer->finish();
  if (blob) state->blobs[index] = std::move(*blob);
  else if (!state->error) state->error = std::move(blob.error());
  co_return ok;
}

Task<void> pass_on(State& state) {
  if (!state.buffer || state.buffer.size() == 0) co_return ok;
  co_return co_await state.writer->append(std::exchange(state.buffer, blob::Buffer()));
}

/// Its writes end while the next blob's begin.
Task<void> end_blob(State& state) {
  TP_CO_TRY_VOID(co_await pass_on(state));
  co_await state.finishing.join();
  if (state.error) co_return std::unexpected(*state.error);
  const size_t index = state.blobs.size();
  state.blobs.emplace_back();
  state.writer_bytes = 0;
  state.finishing.spawn(finish_blob(&state, std::move(state.writer), index));
  co_return ok;
}

void note(State& state, uint64_t offset, uint64_t size, uint64_t blob_offset) {
  const size_t blob = state.blobs.size();
  if (!state.extents.empty() && state.blob_of.back() == blob) {
    meta::Extent& last = state.extents.back();
    if (last.offset + last.length_bytes == offset) {
      last.length_bytes += size;
      return;
    }
  }
  state.extents.push_back({offset, size, BlobId(), blob_offset});
  state.blob_of.push_back(blob);
}

Task<void> discard(std::unique_ptr<State> state) {
  co_await state->finishing.join();
  state->writer.reset();
  for (const blob::BlobRecord& blob : state->blobs) {
    // A failure leaves dead space behind, which the next start reclaims.
    if (blob.length_bytes != 0) (void)co_await state->core.blobs.free(blob);
  }
  co_return ok;
}

}  // namespace

BlobPacker::BlobPacker(Core& core, uint64_t total_bytes) : state_(std::make_unique<State>(core, total_bytes)) {}

BlobPacker::~BlobPacker() {
  if (state_->kept || (state_->blobs.empty() && state_->writer == nullptr)) return;
  Core& core = state_->core;
  core.clean_up(discard(std::move(state_)));
}

const std::vector<blob::BlobRecord>& BlobPacker::blobs() const { return state_->blobs; }
const std::vector<meta::Extent>& BlobPacker::extents() const { return state_->extents; }
void BlobPacker::keep() { state_->kept = true; }

Task<void> BlobPacker::add(uint64_t offset, BytesView bytes) {
  State& state = *state_;
  while (!bytes.empty()) {
    if (state.writer == nullptr) {
      const uint64_t size = std::min(state.rest_bytes, blob::kMaxBlobBytes);
      TP_CO_TRY(state.writer, co_await state.core.blobs.create(size));
    }
    if (!state.buffer) {
      TP_CO_TRY(state.buffer, co_await state.core.blobs.buffers().take());
      state.buffer.set_size(0);
    }
    const MutableBytes space = state.buffer.space();
    const size_t size = std::min(space.size(), bytes.size());
    std::memcpy(space.data(), bytes.data(), size);
    state.buffer.set_size(state.buffer.size() + size);
    note(state, offset, size, state.writer_bytes);
    state.writer_bytes += size;
    state.rest_bytes -= size;
    offset += size;
    bytes.remove_prefix(size);
    if (state.buffer.size() == blob::kBufferBytes) TP_CO_TRY_VOID(co_await pass_on(state));
    if (state.writer_bytes == blob::kMaxBlobBytes) TP_CO_TRY_VOID(co_await end_blob(state));
  }
  co_return ok;
}

Task<void> BlobPacker::finish() {
  State& state = *state_;
  if (state.writer != nullptr) TP_CO_TRY_VOID(co_await end_blob(state));
  co_await state.finishing.join();
  if (state.error) co_return std::unexpected(*state.error);
  for (size_t i = 0; i < state.extents.size(); ++i) state.extents[i].blob = state.blobs[state.blob_of[i]].id;
  if (!state.blobs.empty()) TP_CO_TRY_VOID(co_await state.core.blobs.sync(state.blobs));
  co_return ok;
}

}  // namespace tp::plane
