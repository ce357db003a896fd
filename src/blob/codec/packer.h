// Packer: lz4 and zstd over whole buffers, with the contexts kept for the thread. Every output has a limit; nothing
// here trusts its input. Owner: the thread (packer()).
#pragma once

#include <memory>

#include "base/bytes.h"

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace tp::blob {

class Packer {
 public:
  Packer();
  ~Packer();
  Packer(const Packer&) = delete;
  Packer& operator=(const Packer&) = delete;
  /// The current thread's. Not to be kept across a suspension.
  static Packer& of_this_thread();

  /// Each returns how many bytes it wrote, 0 if they do not fit into `out` (or there is no memory).
  size_t zstd(BytesView data, int level, MutableBytes out);
  /// zstd's entropy coder alone, without a search for repetitions; read back like any zstd.
  size_t entropy_only(BytesView data, MutableBytes out);
  size_t lz4(BytesView data, MutableBytes out);

  /// Whether `packed` is exactly out.size() bytes of data, now in `out`.
  bool unzstd(BytesView packed, MutableBytes out);
  bool unlz4(BytesView packed, MutableBytes out);

  /// kFrameBytes of scratch.
  char* planes() { return planes_.get(); }

 private:
  struct FreeCompressor {
    void operator()(ZSTD_CCtx_s* context) const;
  };
  struct FreeDecompressor {
    void operator()(ZSTD_DCtx_s* context) const;
  };
  bool set_up(int mode);

  std::unique_ptr<ZSTD_CCtx_s, FreeCompressor> compressor_;
  std::unique_ptr<ZSTD_DCtx_s, FreeDecompressor> decompressor_;
  std::unique_ptr<char[]> planes_;
  int mode_ = 0;  // what compressor_ is set up for: a level, or entropy only
};

}  // namespace tp::blob
