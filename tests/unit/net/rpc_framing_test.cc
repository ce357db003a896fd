#include "net/rpc/rpc_framing.h"

#include <gtest/gtest.h>

#include "net/rpc/rpc_record_pool.h"
#include "rpc_peer.h"

namespace tp::net {
namespace {

using testing::fragment;

constexpr size_t kMost = 1000;
constexpr unsigned kFragments = 8;

class RpcFramingTest : public ::testing::Test {
 protected:
  // Feeds `input` in steps; whole records come out. An error ends it.
  Result<std::vector<Bytes>> records(BytesView input, size_t step) {
    RpcFraming framing(kMost, kFragments);
    std::vector<Bytes> found;
    while (!input.empty() || framing.want() != RpcFraming::Want::kBytes) {
      if (framing.want() == RpcFraming::Want::kRoom) {
        framing.give_room(*pool_);
      } else if (framing.want() == RpcFraming::Want::kRelease) {
        found.emplace_back(framing.release().bytes);
      } else {
        TP_TRY(const size_t taken, framing.take(input.substr(0, step), *pool_));
        EXPECT_GT(taken, 0u);
        input.remove_prefix(taken);
      }
    }
    between_ = framing.between_records();
    return found;
  }

  std::shared_ptr<RpcRecordPool> pool_ = std::make_shared<RpcRecordPool>(kMost, 2);
  bool between_ = false;
};

TEST_F(RpcFramingTest, PutsRecordsTogetherInAnySplit) {
  const Bytes input = fragment("one", true) + fragment("t", false) + fragment("", false) + fragment("wo", true) +
                      fragment("", true) + fragment("", false) + fragment(Bytes(700, 'x'), true) +
                      fragment(Bytes(10, 'a'), false) + fragment(Bytes(kMost - 10, 'b'), true);
  const std::vector<Bytes> wanted = {"one", "two", "", Bytes(700, 'x'), Bytes(10, 'a') + Bytes(kMost - 10, 'b')};
  for (size_t step = 1; step <= input.size(); step = step < 16 ? step + 1 : step * 2) {
    const auto found = records(input, step);
    ASSERT_TRUE(found) << step;
    EXPECT_EQ(*found, wanted) << step;
    EXPECT_TRUE(between_);
  }
}

TEST_F(RpcFramingTest, KnowsThatARecordIsIncomplete) {
  const Bytes input = fragment("on", false) + fragment("e", true);
  for (size_t size = 0; size < input.size(); ++size) {
    const auto found = records(BytesView(input).substr(0, size), 3);
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->empty()) << size;
    EXPECT_EQ(between_, size == 0);
  }
}

TEST_F(RpcFramingTest, RefusesWhatIsTooLargeAtItsMark) {
  for (const Bytes& input :
       {fragment(Bytes(kMost + 1, 'x'), true).substr(0, 4), Bytes("\x7f\xff\xff\xff", 4), Bytes("\xff\xff\xff\xff", 4),
        Bytes("GET / HTTP/1.1\r\n"), fragment(Bytes(kMost, 'x'), false) + fragment("y", true).substr(0, 4)}) {
    const auto found = records(input, 5);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, Code::kTooLarge);
  }
}

TEST_F(RpcFramingTest, RefusesMoreFragmentsThanTheLimit) {
  for (const BytesView part : {"", "x"}) {
    Bytes input;
    for (unsigned i = 1; i < kFragments; ++i) input += fragment(part, false);
    EXPECT_TRUE(records(input + fragment(part, true), 100));
    const auto found = records(input + fragment(part, false) + fragment(part, true), 100);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, Code::kMalformed);
  }
}

TEST_F(RpcFramingTest, HoldsNoMoreThanTwiceTheRecord) {
  RpcFraming framing(kMost, kFragments);
  ASSERT_TRUE(framing.take(fragment("x", false).substr(0, 4), *pool_));
  EXPECT_EQ(framing.held_bytes(), 0u);  // nothing before there is room
  EXPECT_EQ(framing.room_wanted(), 1u);
  framing.give_room(*pool_);
  EXPECT_EQ(framing.held_bytes(), 1u);
  ASSERT_TRUE(framing.take("x", *pool_));
  ASSERT_TRUE(framing.take(fragment(Bytes(100, 'y'), true).substr(0, 4), *pool_));
  EXPECT_EQ(framing.held_bytes(), 101u);
  EXPECT_EQ(framing.rest().size(), 100u);
  framing.filled(100);
  EXPECT_EQ(framing.release().bytes.size(), 101u);
  EXPECT_EQ(framing.held_bytes(), 0u);
}

TEST(RpcRecordPool, GivesSmallRecordsTheirOwnSizeAndLargeOnesBlocksThatComeBack) {
  auto pool = std::make_shared<RpcRecordPool>(1000, 1);
  EXPECT_EQ(pool->take(0).capacity, 1u);
  EXPECT_EQ(pool->take(500).capacity, 500u);
  auto first = pool->take(501);
  EXPECT_EQ(first.capacity, 1000u);
  const char* at = first.bytes.get();
  auto second = pool->take(1000);
  EXPECT_NE(second.bytes.get(), at);
  first.bytes.reset();
  EXPECT_EQ(pool->take(800).bytes.get(), at);
}

TEST(RpcRecordPool, IsOutlivedByItsRecords) {
  auto pool = std::make_shared<RpcRecordPool>(1000, 4);
  auto memory = pool->take(900);
  std::weak_ptr<RpcRecordPool> gone = pool;
  pool.reset();
  memory.bytes.get()[899] = 'x';
  memory.bytes.reset();
  EXPECT_TRUE(gone.expired());
}

}  // namespace
}  // namespace tp::net
