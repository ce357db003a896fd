// Bytes of history records, what is kept when, what an epoch's index says, and what does not parse.
#include "meta/history/history.h"

#include <gtest/gtest.h>

#include "backend/memory/memory_engine.h"
#include "meta/commit/group.h"
#include "meta/keys.h"
#include "meta/snapshot_record.h"

namespace tp::meta {
namespace {

using kv::Space;

constexpr VolumeId kVolume(7);

class HistoryTest : public testing::Test {
 protected:
  HistoryTest() : group_(engine_, 1), txn_(group_, 1) { group_.begin(); }

  void enter(Epoch latest, Epoch newest_marked = Epoch()) { txn_.enter({kVolume, nullptr, latest, newest_marked}); }
  size_t history_records() {
    size_t count = 0;
    EXPECT_TRUE(txn_.scan(Space::kHistory, "", "", [&](BytesView, BytesView) { return ++count != 0; }));
    return count;
  }
  Bytes as_of(Epoch at, Space space, const Bytes& key) {
    auto layer = std::make_shared<Layer>();
    layer->volume = kVolume;
    layer->at = at;
    const auto value = TxnView(txn_, layer).get(space, key);
    return !value ? value.error().to_string() : value->value_or("none");
  }

  memory::MemoryEngine engine_;
  Group group_;
  Txn txn_;
};

TEST_F(HistoryTest, KeysAreAsDocumented) {
  EXPECT_EQ(to_hex(history_key(VolumeId(1), Space::kNames, std::string("a\0b", 3), Epoch(2))),
            "68"
            "0000000000000001"
            "01"
            "61"
            "00ff"
            "62"
            "0001"
            "0000000000000002");
  EXPECT_EQ(to_hex(kept_index_key(Epoch(2), VolumeId(1), Space::kData, "key")),
            "65"
            "0000000000000002"
            "0000000000000001"
            "03"
            "6b6579");
  EXPECT_EQ(to_hex(overlay_key(VolumeId(1), Space::kExtents, "key")),
            "0000000000000001"
            "04"
            "6b6579");
  EXPECT_EQ(encode_kept(KeptKind::kValue, "v"), "\x01v");
  EXPECT_EQ(encode_kept(KeptKind::kAbsent, ""), Bytes(1, '\0'));
  EXPECT_EQ(encode_overlay(std::nullopt), Bytes(1, '\0'));
  EXPECT_EQ(encode_overlay("v"), "\x01v");
}

TEST_F(HistoryTest, HistoryKeysOrderAsTheRecordsDo) {
  const Bytes keys[] = {Bytes(), Bytes(1, '\0'),  Bytes("\0\0", 2),    Bytes("\0\x01", 2), Bytes("\0\xff", 2),
                        "a",     Bytes("a\0", 2), Bytes("a\0\xff", 3), Bytes("a\x01", 2),  "ab",
                        "\xff"};
  for (size_t i = 0; i + 1 < std::size(keys); ++i) {
    EXPECT_LT(history_key(kVolume, Space::kNames, keys[i], Epoch(UINT64_MAX)),
              history_key(kVolume, Space::kNames, keys[i + 1], Epoch()));
    const auto parts = parse_history_key(history_key(kVolume, Space::kNames, keys[i], Epoch(5)));
    ASSERT_TRUE(parts);
    EXPECT_EQ(parts->key, keys[i]);
    EXPECT_EQ(parts->at, Epoch(5));
  }
}

TEST_F(HistoryTest, WhatDoesNotParseIsAnError) {
  EXPECT_FALSE(decode_kept(""));
  EXPECT_FALSE(decode_kept("\x03"));
  EXPECT_FALSE(decode_kept(Bytes("\0x", 2)));
  EXPECT_FALSE(decode_overlay(""));
  EXPECT_FALSE(decode_overlay("\x02"));
  EXPECT_FALSE(decode_overlay(Bytes("\0x", 2)));
  const Bytes key = history_key(kVolume, Space::kNames, "a", Epoch(5));
  for (size_t size = 0; size < key.size(); ++size) EXPECT_FALSE(parse_history_key(key.substr(0, size))) << size;
  EXPECT_FALSE(parse_history_key(key + "x"));
  const Bytes index = kept_index_key(Epoch(2), kVolume, kHeldSpace, inode_key(InodeId(3)));
  EXPECT_TRUE(parse_kept_index_key(index));
  EXPECT_FALSE(parse_kept_index_key(index + "x"));
  EXPECT_FALSE(parse_kept_index_key(index.substr(1)));
  EXPECT_FALSE(parse_kept_index_key(kept_index_key(Epoch(2), kVolume, Space::kJournal, inode_key(InodeId(3)))));
}

TEST_F(HistoryTest, NothingIsKeptWithoutASnapshotNorOfWhatCameAfterIt) {
  const Bytes key = inode_key(InodeId(10));
  enter(Epoch());
  txn_.put(Space::kInodes, key, "one");
  enter(Epoch(10));
  txn_.put(Space::kInodes, key, "two");
  EXPECT_EQ(history_records(), 0u);
  txn_.put(Space::kMeta, key, "other spaces are not kept");
  EXPECT_EQ(history_records(), 0u);
}

TEST_F(HistoryTest, TheFirstChangeAfterASnapshotIsKeptOnce) {
  const Bytes key = inode_key(InodeId(10)), late = name_key(InodeId(10), "late", false);
  txn_.put(Space::kInodes, key, "one");
  enter(Epoch(20));
  EXPECT_FALSE(*txn_.replace(Space::kInodes, key, "two"));
  EXPECT_EQ(history_records(), 2u);
  EXPECT_TRUE(*txn_.replace(Space::kInodes, key, "three"));
  EXPECT_EQ(history_records(), 2u);
  enter(Epoch(30));
  txn_.erase(Space::kInodes, key);
  txn_.put(Space::kNames, late, "new");
  EXPECT_EQ(as_of(Epoch(20), Space::kInodes, key), "one");
  EXPECT_EQ(as_of(Epoch(30), Space::kInodes, key), "three");
  EXPECT_EQ(as_of(Epoch(31), Space::kInodes, key), "none");
  EXPECT_EQ(as_of(Epoch(30), Space::kNames, late), "none");
  EXPECT_EQ(as_of(Epoch(31), Space::kNames, late), "new");
  EXPECT_EQ(as_of(Epoch(10), Space::kNames, late), "none") << "there was no such inode";
}

TEST_F(HistoryTest, HistoryOfASnapshotBeingDeletedServesItsOlderNeighbour) {
  const Bytes key = inode_key(InodeId(10));
  txn_.put(Space::kInodes, key, "one");
  enter(Epoch(30));  // an older one at 20 has no history of it
  txn_.put(Space::kInodes, key, "two");
  enter(Epoch(20), Epoch(30));  // 30 is being deleted
  EXPECT_TRUE(*txn_.replace(Space::kInodes, key, "three"));
  EXPECT_EQ(as_of(Epoch(20), Space::kInodes, key), "one");
  EXPECT_FALSE(*kept_at(txn_, kVolume, Space::kInodes, key, Epoch(20)));
}

TEST_F(HistoryTest, AnInodeIsHeldWhereItHasNotChanged) {
  const InodeId inode(10);
  txn_.put(Space::kInodes, inode_key(inode), "inode");
  txn_.put(Space::kExtents, extent_key(inode, 0), "extent");
  enter(Epoch());
  EXPECT_FALSE(*txn_.hold(inode));
  enter(Epoch(10));
  EXPECT_FALSE(*txn_.hold(inode)) << "it came after the snapshot";
  enter(Epoch(20));
  EXPECT_TRUE(*txn_.hold(inode));
  EXPECT_EQ(*txn_.get(Space::kInodes, inode_key(inode)), std::nullopt);
  EXPECT_EQ(as_of(Epoch(20), Space::kInodes, inode_key(inode)), "inode");
  EXPECT_EQ(as_of(Epoch(20), Space::kExtents, extent_key(inode, 0)), "extent");
  const auto page = kept_by(txn_, kVolume, Epoch(20), Bytes(), 10);
  ASSERT_TRUE(page);
  ASSERT_EQ(page->entries.size(), 2u);
  EXPECT_TRUE(page->entries[0].held()) << "held inodes come first";
  EXPECT_EQ(page->entries[0].inode(), inode);
  EXPECT_EQ(page->entries[1].space, Space::kInodes);
}

TEST_F(HistoryTest, AnInodeThatHasChangedIsNotHeld) {
  const InodeId inode(10);
  txn_.put(Space::kInodes, inode_key(inode), "inode");
  enter(Epoch(20));
  txn_.put(Space::kInodes, inode_key(inode), "changed");
  EXPECT_FALSE(*txn_.hold(inode));
}

TEST_F(HistoryTest, ASnapshotCannotBeChanged) {
  auto layer = std::make_shared<Layer>();
  layer->volume = kVolume;
  layer->at = Epoch(20);
  txn_.enter({kVolume, layer, Epoch(), Epoch()});
  EXPECT_TRUE(txn_.status());
  txn_.put(Space::kInodes, inode_key(InodeId(1)), "x");
  ASSERT_FALSE(txn_.status());
  EXPECT_EQ(txn_.status().error().code, Code::kPermissionDenied);
  EXPECT_EQ(*txn_.get(Space::kInodes, inode_key(InodeId(1))), std::nullopt);
}

TEST_F(HistoryTest, DamagedHistoryFailsTheReadAndTheWalk) {
  const Bytes key = inode_key(InodeId(10));
  txn_.put(Space::kHistory, history_key(kVolume, Space::kInodes, key, Epoch(20)), "\x09");
  EXPECT_NE(as_of(Epoch(20), Space::kInodes, key).find("history"), Bytes::npos);
  auto layer = std::make_shared<Layer>();
  layer->volume = kVolume;
  layer->at = Epoch(20);
  TxnView view(txn_, layer);
  EXPECT_FALSE(view.scan(Space::kInodes, "", "", [](BytesView, BytesView) { return true; }));
  txn_.put(Space::kHistory, history_key(kVolume, Space::kInodes, key, Epoch(20)), "\x02");
  EXPECT_FALSE(view.get(Space::kInodes, key)) << "no clone has no base";
}

TEST_F(HistoryTest, EntriesAreFoundMovedAndErased) {
  const Bytes key = inode_key(InodeId(10));
  const KeptKey entry{kVolume, Space::kInodes, key};
  put_kept(txn_, Epoch(20), entry, {KeptKind::kValue, "old"});
  put_kept(txn_, Epoch(40), entry, {KeptKind::kAbsent, ""});
  put_kept(txn_, Epoch(30), {kVolume, Space::kInodes, inode_key(InodeId(11))}, {KeptKind::kValue, "another"});
  EXPECT_EQ((*first_kept(txn_, kVolume, Space::kInodes, key, Epoch(1)))->at, Epoch(20));
  EXPECT_EQ((*first_kept(txn_, kVolume, Space::kInodes, key, Epoch(21)))->at, Epoch(40));
  EXPECT_FALSE(*first_kept(txn_, kVolume, Space::kInodes, key, Epoch(41)));
  EXPECT_EQ(*last_kept_before(txn_, kVolume, Space::kInodes, key, Epoch(40)), Epoch(20));
  EXPECT_EQ(*last_kept_before(txn_, kVolume, Space::kInodes, key, Epoch(20)), Epoch());
  erase_kept(txn_, Epoch(20), entry);
  erase_kept(txn_, Epoch(40), entry);
  EXPECT_EQ(history_records(), 2u);
}

TEST_F(HistoryTest, AnIndexIsReadInPages) {
  for (uint64_t i = 0; i < 5; ++i) {
    put_kept(txn_, Epoch(20), {kVolume, Space::kInodes, inode_key(InodeId(i + 1))}, {KeptKind::kAbsent, ""});
  }
  put_kept(txn_, Epoch(20), {VolumeId(8), Space::kInodes, inode_key(InodeId(1))}, {KeptKind::kAbsent, ""});
  Bytes begin;
  size_t seen = 0;
  do {
    const auto page = kept_by(txn_, kVolume, Epoch(20), begin, 2);
    ASSERT_TRUE(page);
    seen += page->entries.size();
    begin = page->next;
  } while (!begin.empty());
  EXPECT_EQ(seen, 5u);
}

TEST_F(HistoryTest, TheNewestSnapshotIsNotOneThatIsBeingDeleted) {
  for (const uint64_t at : {20, 30, 40}) {
    SnapshotRecord record;
    record.volume = kVolume;
    record.at = Epoch(at);
    record.name = "s";
    record.deleting = at == 30;
    txn_.put(Space::kMeta, snapshot_key(kVolume, record.at), encode_snapshot(record));
  }
  EXPECT_EQ(*newest_snapshot(txn_, kVolume, Epoch(UINT64_MAX)), Epoch(40));
  EXPECT_EQ(*newest_snapshot(txn_, kVolume, Epoch(39)), Epoch(20));
  EXPECT_EQ(*newest_snapshot(txn_, kVolume, Epoch(19)), Epoch());
  EXPECT_EQ(*newest_snapshot(txn_, VolumeId(8), Epoch(UINT64_MAX)), Epoch());
}

}  // namespace
}  // namespace tp::meta
