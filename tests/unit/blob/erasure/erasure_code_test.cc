#include "blob/codec/erasure_code.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "rt/env/rng.h"

namespace tp::blob {
namespace {

struct Stripe {
  std::vector<Bytes> pieces;
  std::vector<char*> pointers;
  Stripe(unsigned data, unsigned parity, size_t size) : pieces(data + parity, Bytes(size, '\0')) {
    rt::Rng rng(data * 100 + parity);
    for (unsigned i = 0; i < data; ++i) {
      for (char& byte : pieces[i]) byte = static_cast<char>(rng.next());
    }
    for (Bytes& piece : pieces) pointers.push_back(piece.data());
    ErasureCode(data, parity).encode(size, pointers);
  }
};

/// Every set of `parity` lost pieces.
void expect_any_loss_is_made_good(unsigned data, unsigned parity) {
  constexpr size_t kSize = 517;
  const Stripe stripe(data, parity, kSize);
  const ErasureCode code(data, parity);
  const unsigned pieces = data + parity;
  size_t losses = 0;
  for (uint32_t lost = 0; lost < 1u << pieces; ++lost) {
    if (static_cast<unsigned>(__builtin_popcount(lost)) != parity) continue;
    std::vector<unsigned> from, wanted;
    std::vector<const char*> sources;
    for (unsigned i = 0; i < pieces; ++i) {
      if (lost >> i & 1) {
        wanted.push_back(i);
      } else {
        from.push_back(i);
        sources.push_back(stripe.pieces[i].data());
      }
    }
    std::vector<Bytes> made(wanted.size(), Bytes(kSize, 'x'));
    std::vector<char*> out;
    for (Bytes& piece : made) out.push_back(piece.data());
    ASSERT_TRUE(code.reconstruct(kSize, from, sources, wanted, out));
    for (size_t i = 0; i < wanted.size(); ++i) ASSERT_EQ(made[i], stripe.pieces[wanted[i]]) << lost;
    ++losses;
  }
  EXPECT_GT(losses, 0u);
}

TEST(ErasureCode, AnyPiecesThatAreLostAreMadeFromTheRest) {
  for (const auto& [data, parity] : std::vector<std::pair<unsigned, unsigned>>{
           {1, 0}, {1, 1}, {1, 3}, {2, 1}, {2, 2}, {3, 2}, {4, 2}, {5, 3}, {6, 3}, {8, 4}, {10, 4}}) {
    expect_any_loss_is_made_good(data, parity);
  }
}

// The matrix is part of the format: pieces written by one version are read by every later one. These were computed
// apart from isa-l, by the rule of docs/formats/erasure.md §4.
TEST(ErasureCode, ParityHasItsGoldenBytes) {
  std::vector<Bytes> pieces{"abcd", "efgh", "ijkl", "mnop", Bytes(4, '\0'), Bytes(4, '\0')};
  std::vector<char*> pointers;
  for (Bytes& piece : pieces) pointers.push_back(piece.data());
  ErasureCode(4, 2).encode(4, pointers);
  EXPECT_EQ(to_hex(pieces[4]), "86e6c6a1");
  EXPECT_EQ(to_hex(pieces[5]), "066646a0");
}

TEST(ErasureCode, TheWrongSlotsAreRefused) {
  const Stripe stripe(3, 2, 64);
  const ErasureCode code(3, 2);
  Bytes out(64, '\0');
  const std::vector<const char*> three{stripe.pieces[0].data(), stripe.pieces[1].data(), stripe.pieces[2].data()};
  const std::vector<char*> to{out.data()};
  const auto make = [&](std::vector<unsigned> from, std::vector<unsigned> wanted) {
    return code.reconstruct(64, from, three, wanted, to);
  };
  EXPECT_TRUE(make({0, 1, 2}, {3}));
  EXPECT_FALSE(make({0, 1}, {3}));
  EXPECT_FALSE(make({0, 1, 1}, {3})) << "twice the same";
  EXPECT_FALSE(make({0, 1, 5}, {3}));
  EXPECT_FALSE(make({0, 1, 2}, {5}));
}

}  // namespace
}  // namespace tp::blob
