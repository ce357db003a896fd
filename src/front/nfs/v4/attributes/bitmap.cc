#include "front/nfs/v4/attributes/bitmap.h"

namespace tp::nfs::v4 {

namespace {
constexpr uint32_t kMostWords = 64;
}

Bitmap Bitmap::read(wire::XdrReader& in) {
  Bitmap bitmap;
  const uint32_t words = in.count(kMostWords);
  for (uint32_t i = 0; i < words && in.good(); ++i) {
    const uint32_t word = in.u32();
    if (i < kWords) {
      bitmap.words_[i] = word;
    } else if (word != 0) {
      bitmap.unknown_ = true;
    }
  }
  return bitmap;
}

void Bitmap::write(wire::XdrWriter& out) const {
  uint32_t words = kWords;
  while (words > 0 && words_[words - 1] == 0) --words;
  out.u32(words);
  for (uint32_t i = 0; i < words; ++i) out.u32(words_[i]);
}

}  // namespace tp::nfs::v4
