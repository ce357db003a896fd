#include <gtest/gtest.h>

#include "wire/xdr/xdr_reader.h"
#include "wire/xdr/xdr_writer.h"

namespace tp::wire {
namespace {

Bytes bytes(std::initializer_list<int> values) {
  Bytes out;
  for (const int value : values) out += static_cast<char>(value);
  return out;
}

TEST(Xdr, WritesBigEndianItemsInUnitsOfFour) {
  XdrWriter out;
  out.u32(0x01020304);
  out.u64(0x1122334455667788);
  out.i64(-2);
  out.boolean(true);
  out.boolean(false);
  EXPECT_EQ(out.view(), bytes({1,    2,    3,    4,    0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0xff, 0xff,
                               0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0,    0,    0,    1,    0,    0,    0,    0}));
}

TEST(Xdr, PadsOpaqueBytesWithZeroes) {
  for (size_t size = 0; size <= 9; ++size) {
    XdrWriter out;
    out.opaque(Bytes(size, 'x'));
    EXPECT_EQ(out.size(), 4 + (size + 3) / 4 * 4) << size;
    EXPECT_EQ(out.view().substr(4), Bytes(size, 'x') + Bytes(xdr_padding(size), '\0')) << size;
    XdrWriter fixed;
    fixed.fixed(Bytes(size, 'x'));
    EXPECT_EQ(fixed.view(), out.view().substr(4));
  }
}

TEST(Xdr, FillsInWhatWasReservedAndTakesBackWhatDidNotFit) {
  XdrWriter out;
  out.u32(1);
  const size_t at = out.reserve_u32();
  out.u32(3);
  const size_t before = out.size();
  out.opaque("does not fit");
  out.truncate(before);
  out.set_u32(at, 2);
  EXPECT_EQ(out.take(), bytes({0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3}));
}

// One item of each kind, as a reader sees them.
struct Items {
  uint32_t small = 0;
  uint64_t large = 0;
  int64_t below_zero = 0;
  bool yes = false;
  BytesView name, verifier;
  uint32_t count = 0;
};

Items read_items(XdrReader& in) {
  Items items;
  items.small = in.u32();
  items.large = in.u64();
  items.below_zero = in.i64();
  items.yes = in.boolean();
  items.name = in.opaque(5);
  items.verifier = in.fixed(6);
  items.count = in.count(9);
  return items;
}

Bytes written_items() {
  XdrWriter out;
  out.u32(0xdeadbeef);
  out.u64(0xfedcba9876543210);
  out.i64(-77);
  out.boolean(true);
  out.opaque("names");
  out.fixed("sixsix");
  out.u32(9);
  return out.take();
}

TEST(Xdr, ReadsWhatItWrites) {
  const Bytes written = written_items();
  XdrReader in(written);
  const Items items = read_items(in);
  EXPECT_EQ(items.small, 0xdeadbeefu);
  EXPECT_EQ(items.large, 0xfedcba9876543210u);
  EXPECT_EQ(items.below_zero, -77);
  EXPECT_TRUE(items.yes);
  EXPECT_EQ(items.name, "names");
  EXPECT_EQ(items.verifier, "sixsix");
  EXPECT_EQ(items.count, 9u);
  EXPECT_TRUE(in.good() && in.at_end());
  EXPECT_TRUE(in.status("items"));
}

TEST(Xdr, IsBadWhereverItIsCut) {
  const Bytes written = written_items();
  for (size_t size = 0; size < written.size(); ++size) {
    const std::vector<char> exact(written.begin(), written.begin() + static_cast<ptrdiff_t>(size));
    XdrReader in(BytesView(exact.data(), exact.size()));
    read_items(in);
    ASSERT_FALSE(in.good()) << size;
    EXPECT_EQ(in.status("items").error().code, Code::kMalformed);
    EXPECT_TRUE(in.at_end() && in.rest().empty()) << size;
  }
}

TEST(Xdr, GivesZeroesAndNothingOnceItIsBad) {
  Bytes written = written_items();
  XdrReader in(written);
  in.fail_here();
  const Items items = read_items(in);
  EXPECT_EQ(items.small, 0u);
  EXPECT_EQ(items.large, 0u);
  EXPECT_EQ(items.below_zero, 0);
  EXPECT_FALSE(items.yes);
  EXPECT_TRUE(items.name.empty() && items.verifier.empty());
  EXPECT_TRUE(items.name.data() != nullptr && items.verifier.data() != nullptr);
  EXPECT_EQ(items.count, 0u);
}

TEST(Xdr, RefusesABooleanThatIsNeither) {
  for (const int value : {2, 255}) {
    const Bytes raw = bytes({0, 0, 0, value});
    XdrReader in(raw);
    EXPECT_FALSE(in.boolean());
    EXPECT_FALSE(in.good());
  }
  const Bytes raw = bytes({1, 0, 0, 0});
  XdrReader in(raw);
  EXPECT_FALSE(in.boolean());
  EXPECT_FALSE(in.good());
}

TEST(Xdr, RefusesMoreThanTheMost) {
  XdrWriter out;
  out.opaque("12345");
  XdrReader exact(out.view());
  EXPECT_EQ(exact.opaque(5), "12345");
  EXPECT_TRUE(exact.good());
  XdrReader too_long(out.view());
  EXPECT_TRUE(too_long.opaque(4).empty());
  EXPECT_FALSE(too_long.good());
  XdrReader count(out.view());
  EXPECT_EQ(count.count(4), 0u);
  EXPECT_FALSE(count.good());
}

TEST(Xdr, RefusesLengthsThatWrapAround) {
  for (const uint32_t length : {0xffffffffu, 0xfffffffdu, 0x80000000u, 9u}) {
    XdrWriter out;
    out.u32(length);
    out.u64(0);
    XdrReader in(out.view());
    EXPECT_TRUE(in.opaque(SIZE_MAX).empty());
    EXPECT_FALSE(in.good()) << length;
  }
  for (const size_t size : {SIZE_MAX, SIZE_MAX - 2, SIZE_MAX - 3}) {
    XdrReader in("12345678");
    EXPECT_TRUE(in.fixed(size).empty());
    EXPECT_FALSE(in.good()) << size;
  }
}

TEST(Xdr, DoesNotLookAtPaddingButWantsIt) {
  XdrReader dirty(BytesView("\0\0\0\1xabc", 8));
  EXPECT_EQ(dirty.opaque(1), "x");
  EXPECT_TRUE(dirty.good());
  XdrReader cut(BytesView("\0\0\0\1xab", 7));
  EXPECT_TRUE(cut.opaque(1).empty());
  EXPECT_FALSE(cut.good());
}

TEST(Xdr, KnowsWhereItStands) {
  XdrReader in(BytesView("\0\0\0\1\0\0\0\2", 8));
  EXPECT_EQ(in.u32(), 1u);
  EXPECT_EQ(in.position(), 4u);
  EXPECT_EQ(in.rest().size(), 4u);
  EXPECT_FALSE(in.at_end());
}

}  // namespace
}  // namespace tp::wire
