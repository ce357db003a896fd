#include "plane/core/body.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "base/hash/hasher.h"
#include "base/hash/md5.h"
#include "base/hash/sha256.h"
#include "plane/reason.h"
#include "rt/digest/digest_service.h"

namespace tp::plane {
namespace {

/// Fewer bytes are hashed sooner than two threads are woken.
constexpr size_t kWorthAThread = 64 << 10;
/// Full buffers on their way to the blob: one that is being hashed, and one so that the next hash need not wait.
constexpr size_t kMaxPieces = 2;

}  // namespace

struct Body::State {
  State(Core& core_in, Options options_in)
      : core(core_in), options(std::move(options_in)), checksum(options.checksum_algorithm) {
    if (options.size_bytes) total_bytes = options.prefix.size() + *options.size_bytes;
    if (total_bytes.value_or(0) <= options.small_limit_bytes && options.small_limit_bytes > 0) {
      small_capacity = std::max<size_t>(total_bytes.value_or(options.small_limit_bytes), 1);
      small = std::make_unique_for_overwrite<char[]>(small_capacity);
      std::ranges::copy(options.prefix, small.get());
      small_size = options.prefix.size();
    }
  }

  Core& core;
  Options options;
  std::optional<uint64_t> total_bytes;  // with the prefix
  uint64_t received = 0;                // without it
  Hasher checksum;
  Sha256 sha256;
  Md5 md5;

  std::unique_ptr<char[]> small;  // until it overflows
  size_t small_capacity = 0, small_size = 0;

  /// A buffer to be hashed and then written; what comes before `hash_from` (the prefix) is in no digest.
  struct Piece {
    blob::Buffer buffer;
    size_t hash_from = 0;
  };
  Piece filling;
  std::deque<Piece> pieces;      // the first is in the hands of drain()
  bool draining = false;
  rt::ResumeWork room_waiter;
  bool waiting_for_room = false;
  std::unique_ptr<blob::BlobWriter> writer;
  uint64_t writer_bytes = 0;
  uint64_t placed_bytes = 0;     // given to blob writers
  std::vector<blob::BlobRecord> blobs;  // in order; length 0 until its writes are done

  rt::TaskGroup drain_group, finish_group;
  std::optional<Error> error;    // of a task in the groups
  Stored stored;
  bool kept = false;

  Result<void> failed() const {
    if (error) return std::unexpected(*error);
    return ok;
  }
  /// What belongs to the digests as soon as it is there; MD5, the slow one, has its own way.
  void digest(BytesView bytes) {
    checksum.update(bytes);
    if (options.compute_sha256) sha256.update(bytes);
  }
};

namespace {

using State = Body::State;

/// Waits until fewer than kMaxPieces are on their way.
struct RoomAwaiter {
  State& state;
  bool await_ready() const noexcept { return state.pieces.size() < kMaxPieces; }
  void await_suspend(std::coroutine_handle<> handle) noexcept {
    state.room_waiter.handle = handle;
    state.waiting_for_room = true;
  }
  void await_resume() const noexcept {}
};

Task<void> hash(State& state, BytesView bytes) {
  if (state.core.digests != nullptr && bytes.size() >= kWorthAThread) {
    // It says no only when it is stopping, and has hashed nothing then.
    if (auto hashed = co_await state.core.digests->update(state.md5, bytes); hashed) co_return ok;
  }
  state.md5.update(bytes);
  co_return ok;
}

Task<void> finish_blob(State* state, std::unique_ptr<blob::BlobWriter> writer, size_t index) {
  auto blob = co_await writer->finish();
  if (blob) state->blobs[index] = std::move(*blob);
  else if (!state->error) state->error = std::move(blob.error());
  co_return ok;
}

/// The writes of one blob end while the next one's begin; of the one after that they wait.
Task<void> end_blob(State& state) {
  co_await state.finish_group.join();
  TP_CO_TRY_VOID(state.failed());
  size_t index = state.blobs.size();
  state.blobs.emplace_back();
  state.writer_bytes = 0;
  state.finish_group.spawn(finish_blob(&state, std::move(state.writer), index));
  co_return ok;
}

Task<void> write(State& state, blob::Buffer buffer) {
  if (state.writer == nullptr) {
    uint64_t rest = state.total_bytes ? *state.total_bytes - state.placed_bytes : blob::kMaxBlobBytes;
    TP_CO_TRY(state.writer, co_await state.core.blobs.create(std::min(rest, blob::kMaxBlobBytes)));
  }
  uint64_t size = buffer.size();
  state.writer_bytes += size;
  state.placed_bytes += size;
  TP_CO_TRY_VOID(co_await state.writer->append(std::move(buffer)));
  if (state.writer_bytes == blob::kMaxBlobBytes) TP_CO_TRY_VOID(co_await end_blob(state));
  co_return ok;
}

/// Hashes and writes what waits, piece by piece, while the next one fills.
Task<void> drain(State* state) {
  while (!state->pieces.empty()) {
    State::Piece& piece = state->pieces.front();
    if (!state->error) {
      co_await hash(*state, piece.buffer.view().substr(piece.hash_from));
      auto written = co_await write(*state, std::move(piece.buffer));
      if (!written && !state->error) state->error = std::move(written.error());
    }
    state->pieces.pop_front();
    if (std::exchange(state->waiting_for_room, false)) rt::Loop::current().defer(&state->room_waiter);
  }
  state->draining = false;
  co_return ok;
}

/// `filling` goes on its way.
Task<void> pass_on(State& state) {
  co_await RoomAwaiter{state};
  TP_CO_TRY_VOID(state.failed());
  state.pieces.push_back(std::exchange(state.filling, State::Piece()));
  if (std::exchange(state.draining, true)) co_return ok;
  state.drain_group.spawn(drain(&state));
  co_return ok;
}

Task<void> start_buffer(State& state) {
  // The buffers that this upload holds already are on their way without it: uploads never wait for one another.
  TP_CO_TRY(state.filling.buffer, co_await state.core.blobs.buffers().take());
  blob::Buffer& buffer = state.filling.buffer;
  buffer.set_size(0);
  if (state.small != nullptr) {
    std::copy_n(state.small.get(), state.small_size, buffer.data());
    buffer.set_size(state.small_size);
    state.filling.hash_from = state.options.prefix.size();
    state.digest(buffer.view().substr(state.filling.hash_from));
    state.small.reset();
  } else if (state.received == 0 && !state.options.prefix.empty()) {
    std::ranges::copy(state.options.prefix, buffer.data());
    buffer.set_size(state.options.prefix.size());
    state.filling.hash_from = state.options.prefix.size();
  }
  co_return ok;
}

/// Frees what nobody will refer to.
Task<void> discard(std::unique_ptr<State> state) {
  co_await state->drain_group.join();
  co_await state->finish_group.join();
  state->writer.reset();
  for (const blob::BlobRecord& blob : state->blobs) {
    if (blob.length_bytes == 0) continue;
    // A failure leaves dead space behind, which the next start reclaims.
    (void)co_await state->core.blobs.free(blob);
  }
  co_return ok;
}

Error body_error(Reason reason, const char* words) { return Error(Code::kInvalidArgument, reason, words); }

Result<void> compare(const State& state, const ExpectedDigests& expected, BytesView sha256) {
  const Body::Stored& stored = state.stored;
  if (state.options.size_bytes && state.received != *state.options.size_bytes) {
    return std::unexpected(body_error(Reason::kIncompleteBody, "fewer bytes came than were announced"));
  }
  if (expected.md5 && *expected.md5 != as_view(stored.md5)) {
    return std::unexpected(body_error(Reason::kBadDigest, "the bytes do not have the Content-MD5"));
  }
  if (expected.sha256 && *expected.sha256 != sha256) {
    return std::unexpected(body_error(Reason::kContentSha256Mismatch, "the bytes do not have the announced SHA-256"));
  }
  if (expected.checksum && *expected.checksum != stored.checksum) {
    return std::unexpected(body_error(Reason::kChecksumMismatch, "the bytes do not have the announced checksum"));
  }
  return ok;
}

}  // namespace

Body::Body(Core& core, Options options) : state_(std::make_unique<State>(core, std::move(options))) {}

Body::~Body() {
  if (state_->kept) return;
  bool nothing = state_->blobs.empty() && state_->writer == nullptr && state_->drain_group.running() == 0;
  if (nothing) return;
  Core& core = state_->core;
  core.clean_up(discard(std::move(state_)));
}

uint64_t Body::size_bytes() const { return state_->received; }
const Body::Stored& Body::stored() const { return state_->stored; }
void Body::keep() { state_->kept = true; }

Task<MutableBytes> Body::space() {
  State& state = *state_;
  if (state.small != nullptr) {
    if (state.small_size < state.small_capacity) {
      co_return MutableBytes(state.small.get() + state.small_size, state.small_capacity - state.small_size);
    }
    if (state.total_bytes && state.received >= *state.options.size_bytes) {
      co_return std::unexpected(body_error(Reason::kIncompleteBody, "more bytes came than were announced"));
    }
  }
  if (!state.filling.buffer) TP_CO_TRY_VOID(co_await start_buffer(state));
  co_return state.filling.buffer.space();
}

Task<void> Body::filled(size_t size) {
  State& state = *state_;
  state.received += size;
  if (state.received > state.options.limit_bytes) {
    co_return fail(Code::kTooLarge, Reason::kEntityTooLarge, "the body is too large");
  }
  if (state.options.size_bytes && state.received > *state.options.size_bytes) {
    co_return std::unexpected(body_error(Reason::kIncompleteBody, "more bytes came than were announced"));
  }
  blob::Buffer& buffer = state.filling.buffer;
  if (state.small != nullptr && !buffer) {
    TP_CHECK(size <= state.small_capacity - state.small_size);
    state.small_size += size;
    co_return ok;
  }
  TP_CHECK(buffer && size <= buffer.space().size());
  state.digest({buffer.space().data(), size});
  buffer.set_size(buffer.size() + size);
  if (buffer.size() == blob::kBufferBytes) co_return co_await pass_on(state);
  co_return ok;
}

Task<void> Body::finish(ExpectedDigests expected) {
  State& state = *state_;
  Stored& stored = state.stored;
  if (state.small == nullptr && !state.filling.buffer && state.received == 0) {
    // Nothing came where blobs were wanted; a prefix alone would still have to be stored.
    if (!state.options.prefix.empty()) TP_CO_TRY_VOID(co_await start_buffer(state));
  }
  if (state.small != nullptr) {
    stored.small = true;
    stored.data = BytesView(state.small.get(), state.small_size);
    BytesView bytes = stored.data.substr(state.options.prefix.size());
    state.digest(bytes);
    state.md5.update(bytes);
  } else {
    if (state.filling.buffer) TP_CO_TRY_VOID(co_await pass_on(state));
    co_await state.drain_group.join();
    TP_CO_TRY_VOID(state.failed());
    if (state.writer != nullptr) TP_CO_TRY_VOID(co_await end_blob(state));
    co_await state.finish_group.join();
    TP_CO_TRY_VOID(state.failed());
    stored.blobs = state.blobs;
  }
  stored.size_bytes = state.received;
  stored.md5 = state.md5.finish();
  stored.checksum = state.checksum.finish();
  Sha256Digest sha256 = state.sha256.finish();
  TP_CO_TRY_VOID(compare(state, expected, as_view(sha256)));
  if (!stored.blobs.empty()) TP_CO_TRY_VOID(co_await state.core.blobs.sync(stored.blobs));
  co_return ok;
}

std::vector<meta::Extent> extents_of(const std::vector<blob::BlobRecord>& blobs, uint64_t offset) {
  std::vector<meta::Extent> extents;
  for (const blob::BlobRecord& blob : blobs) {
    extents.push_back({offset, blob.length_bytes, blob.id, 0});
    offset += blob.length_bytes;
  }
  return extents;
}

}  // namespace tp::plane
