#include "server/nfs/nfs_call_counter.h"

#include <gtest/gtest.h>

#include <set>

#include "rt/runtime.h"

namespace tp::server {
namespace {

struct Silent final : net::RpcHandler {
  size_t calls = 0;
  Task<void> handle(net::RpcCall, net::RpcReply*) override {
    ++calls;
    co_return ok;
  }
  void on_closed(net::RpcPeer&) override {}
};

std::string_view name_of(uint32_t program, uint32_t version, uint32_t procedure, uint32_t rpc_version = 2) {
  wire::RpcCallHead head;
  head.rpc_version = rpc_version;
  head.program = program;
  head.version = version;
  head.procedure = procedure;
  return NfsCallCounter::procedure_name(NfsCallCounter::procedure_index(head));
}

TEST(NfsCallCounter, KnowsProceduresByName) {
  EXPECT_EQ(name_of(100003, 3, 0), "v3_null");
  EXPECT_EQ(name_of(100003, 3, 6), "v3_read");
  EXPECT_EQ(name_of(100003, 3, 7), "v3_write");
  EXPECT_EQ(name_of(100003, 3, 21), "v3_commit");
  EXPECT_EQ(name_of(100003, 4, 0), "v4_null");
  EXPECT_EQ(name_of(100003, 4, 1), "v4_compound");
  EXPECT_EQ(name_of(100005, 3, 0), "mount_null");
  EXPECT_EQ(name_of(100005, 3, 1), "mount_mnt");
  EXPECT_EQ(name_of(100005, 3, 5), "mount_export");
}

TEST(NfsCallCounter, CallsTheRestOther) {
  EXPECT_EQ(name_of(100003, 3, 22), "other");
  EXPECT_EQ(name_of(100003, 4, 2), "other");
  EXPECT_EQ(name_of(100003, 2, 1), "other");
  EXPECT_EQ(name_of(100005, 3, 6), "other");
  EXPECT_EQ(name_of(100000, 2, 0), "other");
  EXPECT_EQ(name_of(100003, 3, 0xffffffff), "other");
  EXPECT_EQ(name_of(0, 0, 0, 3), "other");
}

TEST(NfsCallCounter, GivesEachProcedureANameOfItsOwn) {
  std::set<std::string_view> names;
  for (size_t i = 0; i < NfsCallCounter::kProcedures; ++i) names.insert(NfsCallCounter::procedure_name(i));
  EXPECT_EQ(names.size(), NfsCallCounter::kProcedures);
  EXPECT_FALSE(names.contains(""));
}

Task<void> call_three(NfsCallCounter* counter) {
  for (const uint32_t procedure : {6u, 6u, 99u}) {
    net::RpcCall call;
    call.head.program = 100003;
    call.head.version = 3;
    call.head.procedure = procedure;
    net::RpcReply reply;
    TP_CO_TRY_VOID(co_await counter->handle(std::move(call), &reply));
  }
  co_return ok;
}

TEST(NfsCallCounter, HandsCallsOnAndAddsUpAllLoops) {
  rt::Runtime runtime({.loops = 2});
  Silent front;
  NfsCallCounter counter(front, 2);
  EXPECT_TRUE(counter.counts().empty());
  ASSERT_TRUE(runtime.block_on(call_three(&counter), 0));
  ASSERT_TRUE(runtime.block_on(call_three(&counter), 1));
  EXPECT_EQ(front.calls, 6u);
  const auto counts = counter.counts();
  ASSERT_EQ(counts.size(), 2u);
  EXPECT_EQ(counts[0].procedure, "v3_read");
  EXPECT_EQ(counts[0].calls, 4u);
  EXPECT_EQ(counts[1].procedure, "other");
  EXPECT_EQ(counts[1].calls, 2u);
}

}  // namespace
}  // namespace tp::server
