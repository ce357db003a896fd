#include "blob/codec/packer.h"

#include <lz4.h>

#include "blob/blob_record.h"
// For the literal compression mode: what is written is ordinary zstd.
#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>

namespace tp::blob {

namespace {
constexpr int kEntropyMode = -1;
constexpr int kNoSearchStep = 1 << 17;  // ZSTD_TARGETLENGTH_MAX: the search skips over all of a frame
}  // namespace

void Packer::FreeCompressor::operator()(ZSTD_CCtx_s* context) const {
  ZSTD_freeCCtx(context);
}
void Packer::FreeDecompressor::operator()(ZSTD_DCtx_s* context) const {
  ZSTD_freeDCtx(context);
}

Packer::Packer() : compressor_(ZSTD_createCCtx()), decompressor_(ZSTD_createDCtx()), planes_(new char[kFrameBytes]) {}
Packer::~Packer() = default;

Packer& Packer::of_this_thread() {
  thread_local Packer packer;
  return packer;
}

bool Packer::set_up(int mode) {
  if (compressor_ == nullptr) return false;
  if (mode_ == mode) return true;
  mode_ = 0;
  ZSTD_CCtx* context = compressor_.get();
  ZSTD_CCtx_reset(context, ZSTD_reset_session_and_parameters);
  size_t status = 0;
  const auto set = [&](ZSTD_cParameter parameter, int value) {
    const size_t result = ZSTD_CCtx_setParameter(context, parameter, value);
    if (ZSTD_isError(result) != 0) status = result;
  };
  if (mode == kEntropyMode) {
    set(ZSTD_c_compressionLevel, 1);
    set(ZSTD_c_strategy, ZSTD_fast);
    set(ZSTD_c_minMatch, 7);
    set(ZSTD_c_hashLog, 6);
    set(ZSTD_c_targetLength, kNoSearchStep);
    set(ZSTD_c_literalCompressionMode, ZSTD_ps_enable);
  } else {
    set(ZSTD_c_compressionLevel, mode);
  }
  if (status != 0) return false;
  mode_ = mode;
  return true;
}

size_t Packer::zstd(BytesView data, int level, MutableBytes out) {
  if (!set_up(level)) return 0;
  const size_t size = ZSTD_compress2(compressor_.get(), out.data(), out.size(), data.data(), data.size());
  return ZSTD_isError(size) != 0 ? 0 : size;
}

size_t Packer::entropy_only(BytesView data, MutableBytes out) {
  if (!set_up(kEntropyMode)) return 0;
  const size_t size = ZSTD_compress2(compressor_.get(), out.data(), out.size(), data.data(), data.size());
  return ZSTD_isError(size) != 0 ? 0 : size;
}

size_t Packer::lz4(BytesView data, MutableBytes out) {
  const int size =
      LZ4_compress_default(data.data(), out.data(), static_cast<int>(data.size()), static_cast<int>(out.size()));
  return size <= 0 ? 0 : static_cast<size_t>(size);
}

bool Packer::unzstd(BytesView packed, MutableBytes out) {
  if (decompressor_ == nullptr) return false;
  return ZSTD_decompressDCtx(decompressor_.get(), out.data(), out.size(), packed.data(), packed.size()) == out.size();
}

bool Packer::unlz4(BytesView packed, MutableBytes out) {
  const int size =
      LZ4_decompress_safe(packed.data(), out.data(), static_cast<int>(packed.size()), static_cast<int>(out.size()));
  return size >= 0 && static_cast<size_t>(size) == out.size();
}

}  // namespace tp::blob
