// Snapshots, clones and snapshots of clones against copies of a plain map: every view shows what it is a copy of, by
// every way of reading, inside transactions and outside, and each extent value that is nobody's any more is told
// exactly once.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "backend/memory/memory_engine.h"
#include "meta/commit/group.h"
#include "meta/history/history.h"
#include "meta/keys.h"
#include "meta/txn.h"

namespace tp::meta {
namespace {

using kv::Space;
using Records = std::map<std::pair<Space, Bytes>, Bytes>;

constexpr Space kTracked[] = {Space::kNames, Space::kInodes, Space::kData, Space::kExtents};

struct View {
  LayerPtr layer;
  Records records;
};

struct Volume {
  VolumeId id;
  View now;
  Epoch latest;
  std::vector<InodeId> inodes;  // ever seen
  std::vector<View> snapshots;
  WriteScope scope() const { return {id, now.layer, latest, Epoch()}; }
};

class World {
 public:
  explicit World(unsigned seed) : random_(seed), group_(engine_, 1) {
    volumes_.reserve(8);
    volumes_.push_back({VolumeId(1000), {}, {}, {}, {}});
    volumes_.push_back({VolumeId(2000), {}, {}, {}, {}});
  }

  void run(int transactions) {
    for (int i = 0; i < transactions && !testing::Test::HasFatalFailure(); ++i) {
      transaction();
      if (below(3) == 0) commit();
    }
    commit();
    check_references();
  }

 private:
  uint64_t below(uint64_t limit) { return random_() % limit; }

  void transaction() {
    const auto volumes_before = volumes_;
    const auto living_before = living_;
    group_.begin();
    Txn txn(group_, 1);
    for (uint64_t steps = 1 + below(5); steps > 0; --steps) {
      Volume& volume = volumes_[below(volumes_.size())];
      txn.enter(volume.scope());
      step(txn, volume);
    }
    ASSERT_TRUE(txn.status());
    if (below(2) == 0) compare_all(&txn);
    if (below(6) != 0) return;
    group_.rollback();
    volumes_ = volumes_before;
    living_ = living_before;
  }

  void commit() {
    JournalSeq last;
    ASSERT_TRUE(engine_.write(group_.take_writes(&last), kv::Durability::kSync));
    group_.clear();
    compare_all(nullptr);
  }

  void step(Txn& txn, Volume& volume) {
    const uint64_t choice = below(20);
    if (choice < 2 || volume.inodes.empty()) {
      volume.inodes.push_back(txn.new_inode_id());
      put(txn, volume, Space::kInodes, inode_key(volume.inodes.back()));
      return;
    }
    const InodeId inode = volume.inodes[below(volume.inodes.size())];
    const bool there = volume.now.records.contains({Space::kInodes, inode_key(inode)});
    if (choice < 8) return change(txn, volume, Space::kNames, name_key(inode, random_name(), below(2) == 0));
    if (choice < 9) return take_snapshot(txn, volume);
    if (choice < 10) return make_clone(txn, volume);
    if (!there) return;
    if (choice < 12) return drop(txn, volume, inode);
    // Whatever changes of an inode, its record changes.
    if (choice < 14)
      change(txn, volume, Space::kData, data_key(inode));
    else
      change(txn, volume, Space::kExtents, extent_key(inode, below(8) * 0x0100ff));
    put(txn, volume, Space::kInodes, inode_key(inode));
  }

  Bytes random_name() {
    static const std::string kNames[] = {
        "a",        "b",  std::string("\0", 1),    std::string("a\0b", 3), std::string("a\0\xff", 3),
        "\xff\xff", "ab", std::string("\0\x01", 2)};
    return kNames[below(std::size(kNames))];
  }

  void change(Txn& txn, Volume& volume, Space space, Bytes key) {
    if (below(3) != 0)
      put(txn, volume, space, std::move(key));
    else
      erase(txn, volume, space, std::move(key));
  }

  void put(Txn& txn, Volume& volume, Space space, Bytes key) {
    const Bytes value = std::to_string(++values_);
    replaced(volume, space, key, txn.replace(space, key, value));
    if (space == Space::kExtents) living_.insert(value);
    volume.now.records[{space, key}] = value;
  }

  void erase(Txn& txn, Volume& volume, Space space, Bytes key) {
    replaced(volume, space, key, txn.replace(space, key, std::nullopt));
    volume.now.records.erase({space, key});
  }

  void replaced(const Volume& volume, Space space, const Bytes& key, const Result<bool>& gone) {
    ASSERT_TRUE(gone) << gone.error().to_string();
    const auto old = volume.now.records.find({space, key});
    if (space == Space::kExtents && *gone && old != volume.now.records.end()) end(old->second);
  }

  void end(const Bytes& value) { ASSERT_EQ(living_.erase(value), 1u) << "told twice: " << value; }

  void drop(Txn& txn, Volume& volume, InodeId inode) {
    const auto held = txn.hold(inode);
    ASSERT_TRUE(held);
    if (!*held) {
      ASSERT_TRUE(txn.replace(Space::kInodes, inode_key(inode), std::nullopt));
      ASSERT_TRUE(txn.forget(Space::kData, data_key(inode)));
      const auto own = txn.own_records(Space::kExtents, inode);
      ASSERT_TRUE(own);
      for (const Txn::OwnRecord& each : *own) {
        const auto gone = txn.forget(Space::kExtents, each.key);
        ASSERT_TRUE(gone);
        if (*gone && each.value) end(*each.value);
      }
    }
    std::erase_if(volume.now.records, [&](const auto& record) {
      return record.first.first != Space::kNames && inode_of_key(record.first.second) == inode;
    });
  }

  void take_snapshot(Txn& txn, Volume& volume) {
    if (volume.snapshots.size() == 4) return;
    volume.latest = Epoch(txn.new_inode_id().value);
    auto layer = std::make_shared<Layer>();
    layer->volume = volume.id;
    layer->at = volume.latest;
    if (volume.now.layer != nullptr) layer->base = volume.now.layer->base;
    volume.snapshots.push_back({std::move(layer), volume.now.records});
  }

  void make_clone(Txn& txn, const Volume& of) {
    if (of.snapshots.empty() || volumes_.size() == 6) return;
    const View& snapshot = of.snapshots[below(of.snapshots.size())];
    Volume clone{VolumeId(txn.new_inode_id().value), {}, {}, of.inodes, {}};
    std::erase_if(clone.inodes, [&](InodeId inode) { return inode.value >= snapshot.layer->at.value; });
    auto layer = std::make_shared<Layer>();
    layer->volume = clone.id;
    layer->base = snapshot.layer;
    clone.now = {std::move(layer), snapshot.records};
    volumes_.push_back(std::move(clone));
  }

  void compare_all(Txn* txn) {
    for (const Volume& volume : volumes_) {
      compare(txn, volume, volume.now);
      for (const View& snapshot : volume.snapshots) compare(txn, volume, snapshot);
    }
  }

  void compare(Txn* txn, const Volume& volume, const View& view) {
    ReadView outside(engine_, kv::ReadMode::kAny, nullptr, view.layer);
    std::optional<TxnView> inside;
    if (txn != nullptr) inside.emplace(*txn, view.layer);
    RecordSource& source = inside ? static_cast<RecordSource&>(*inside) : outside;
    for (const InodeId inode : volume.inodes) {
      const bool there = view.records.contains({Space::kInodes, inode_key(inode)});
      for (const Space space : kTracked) {
        // Bytes of an inode that is gone are looked at by nobody, and may be anything.
        if (!there && (space == Space::kData || space == Space::kExtents)) continue;
        Model model;
        const auto begin = view.records.lower_bound({space, inode_key(inode)});
        const auto end = view.records.lower_bound({space, inode_key(InodeId(inode.value + 1))});
        for (auto at = begin; at != end; ++at) model.emplace(at->first.second, at->second);
        compare_reads(source, model, space, inode);
        if (txn == nullptr) walk(outside, model, space, inode);
        if (testing::Test::HasFatalFailure()) return;
      }
    }
  }

  using Model = std::map<Bytes, Bytes>;

  Bytes random_key(Space space, InodeId inode, const Model& model) {
    if (!model.empty() && below(2) == 0) return std::next(model.begin(), below(model.size()))->first;
    if (space == Space::kExtents) return extent_key(inode, below(9) * 0x0100ff - below(2));
    return space == Space::kNames ? name_key(inode, random_name(), below(2) == 0) : inode_key(inode);
  }

  void compare_reads(RecordSource& source, const Model& model, Space space, InodeId inode) {
    const Bytes begin = inode_key(inode), end = inode_key(InodeId(inode.value + 1));
    Model seen;
    ASSERT_TRUE(source.scan(space, begin, end,
                            [&](BytesView key, BytesView value) { return seen.emplace(key, value).second; }));
    ASSERT_EQ(seen, model) << "space " << static_cast<int>(space);
    const Bytes key = random_key(space, inode, model);
    const auto found = source.multi_get(space, {&key, 1});
    const auto expected = model.find(key);
    ASSERT_TRUE(found);
    ASSERT_EQ((*found)[0].value_or("none"), expected == model.end() ? "none" : expected->second);
    const auto last = source.last_at_or_before(space, begin, key);
    const auto after = model.upper_bound(key);
    ASSERT_TRUE(last);
    ASSERT_EQ(last->has_value(), after != model.begin());
    if (*last) ASSERT_EQ((*last)->value, std::prev(after)->second);
  }

  /// To and fro with an iterator.
  void walk(ReadView& view, const Model& model, Space space, InodeId inode) {
    const auto records = view.iterate(space, inode_key(inode), inode_key(InodeId(inode.value + 1)));
    auto at = model.end();
    for (int i = 0; i < 8; ++i) {
      const uint64_t move = at == model.end() ? below(2) : below(5);
      const Bytes key = random_key(space, inode, model);
      if (move == 0) {
        records->seek(key);
        at = model.lower_bound(key);
      } else if (move == 1) {
        records->seek_for_prev(key);
        at = model.upper_bound(key);
        at = at == model.begin() ? model.end() : std::prev(at);
      } else if (move == 2) {
        records->prev();
        at = at == model.begin() ? model.end() : std::prev(at);
      } else {
        records->next();
        ++at;
      }
      ASSERT_TRUE(records->status());
      ASSERT_EQ(records->valid(), at != model.end());
      if (!records->valid()) continue;
      ASSERT_EQ(records->key(), at->first);
      ASSERT_EQ(records->value(), at->second);
    }
  }

  /// Each value that is stored somewhere has been told gone by nobody, and the other way round.
  void check_references() {
    std::set<Bytes> stored;
    ReadView view(engine_, kv::ReadMode::kAny);
    const auto add = [&](BytesView value) { ASSERT_TRUE(stored.insert(Bytes(value)).second) << value; };
    ASSERT_TRUE(view.scan(Space::kExtents, Bytes(), Bytes(), [&](BytesView, BytesView value) {
      add(value);
      return true;
    }));
    for (const Volume& volume : volumes_) {
      ASSERT_TRUE(view.scan(Space::kOverlay, overlay_begin(volume.id, Space::kExtents),
                            overlay_end(volume.id, Space::kExtents), [&](BytesView, BytesView value) {
                              const auto own = decode_overlay(value);
                              EXPECT_TRUE(own);
                              if (own && *own) add(**own);
                              return true;
                            }));
      ASSERT_TRUE(view.scan(Space::kHistory, history_begin(volume.id, Space::kExtents),
                            history_end(volume.id, Space::kExtents), [&](BytesView, BytesView value) {
                              const auto kept = decode_kept(value);
                              EXPECT_TRUE(kept);
                              if (kept && kept->kind == KeptKind::kValue) add(kept->value);
                              return true;
                            }));
    }
    EXPECT_EQ(stored, living_);
  }

  std::mt19937 random_;
  memory::MemoryEngine engine_;
  Group group_;
  std::vector<Volume> volumes_;
  std::set<Bytes> living_;  // extent values that have a reference
  uint64_t values_ = 0;
};

TEST(HistoryModelTest, EveryViewShowsWhatItIsACopyOf) {
  for (unsigned seed = 0; seed < 100 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World(seed).run(60);
  }
}

}  // namespace
}  // namespace tp::meta
