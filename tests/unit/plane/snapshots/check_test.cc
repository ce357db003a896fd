// What check finds where records of snapshots, clones and versions were damaged behind the store's back.
#include "meta/history/history_records.h"
#include "meta/keys.h"
#include "meta/versions/version_record.h"
#include "unit/plane/snapshots/snapshots_fixture.h"

namespace tp::test {
namespace {

using kv::Space;

class HistoryCheck : public SnapshotsFixture {
 protected:
  void SetUp() override {
    SnapshotsFixture::SetUp();
    ASSERT_TRUE(put("changed", make_data(1, 200'000)));
    ASSERT_TRUE(put("gone", make_data(2, 200'000)));
    ASSERT_TRUE(take("s"));
    at_ = plane().core().volumes.snapshots(volume().id).front().at;
    ASSERT_TRUE(put("changed", "small"));
    ASSERT_TRUE(remove("gone"));
    ASSERT_TRUE(clone("s", "copy"));
    ASSERT_TRUE(put_in("copy", "changed", make_data(3, 200'000)));
    ASSERT_EQ(damage(), "");
  }
  meta::VolumeRecord volume(const std::string& name = "vol") { return *plane().volume(name).value(); }
  void write(Space space, Bytes key, std::optional<Bytes> value) {
    const std::vector<kv::Write> writes = {{space, std::move(key), std::move(value)}};
    ASSERT_TRUE(memory_.engine().write(writes, kv::Durability::kSync));
  }
  /// The first record of a space whose key begins so.
  Bytes first_key(Space space, const Bytes& begin) {
    auto walk = memory_.engine().iterate(space, {});
    walk->seek(begin);
    EXPECT_TRUE(walk->valid() && walk->key().starts_with(begin));
    return walk->valid() ? Bytes(walk->key()) : Bytes();
  }
  void expect_finding(const std::string& kind) { EXPECT_NE(damage().find(kind + " "), std::string::npos) << damage(); }

  Epoch at_;
};

TEST_F(HistoryCheck, names_what_is_kept_and_in_no_index) {
  const Bytes begin = meta::kept_index_key(at_, volume().id, Space::kNames, {});
  write(Space::kHistory, first_key(Space::kHistory, begin), std::nullopt);
  expect_finding("wrong-history");
}

TEST_F(HistoryCheck, names_an_index_of_what_is_not_kept) {
  write(Space::kHistory, first_key(Space::kHistory, meta::history_begin(volume().id, Space::kNames)), std::nullopt);
  expect_finding("wrong-history");
}

TEST_F(HistoryCheck, counts_the_blobs_of_what_was_dropped_and_is_held) {
  const Bytes held = first_key(Space::kHistory, meta::kept_index_key(at_, volume().id, meta::kHeldSpace, {}));
  write(Space::kHistory, held, std::nullopt);
  expect_finding("orphan-extent");
}

TEST_F(HistoryCheck, names_records_that_do_not_parse) {
  write(Space::kHistory, "nonsense", "x");
  write(Space::kOverlay, "short", "x");
  write(Space::kVersions, "short", "x");
  write(Space::kMeta, meta::snapshot_key(volume().id, Epoch(7)), "x");
  const std::string found = damage();
  for (const char* kind : {"corrupt-key", "corrupt-overlay", "corrupt-snapshot"}) {
    EXPECT_NE(found.find(kind), std::string::npos) << kind << "\n" << found;
  }
}

TEST_F(HistoryCheck, names_history_that_no_snapshot_keeps) {
  const Bytes key = meta::inode_key(volume().root);
  write(Space::kHistory, meta::kept_index_key(Epoch(3), volume().id, Space::kInodes, key), Bytes());
  write(Space::kHistory, meta::history_key(volume().id, Space::kInodes, key, Epoch(3)),
        meta::encode_kept(meta::KeptKind::kAbsent, {}));
  expect_finding("orphan-history");
}

TEST_F(HistoryCheck, names_a_volume_that_does_not_know_its_newest_snapshot) {
  auto counters = meta::decode_counters(**memory_.engine().get(Space::kMeta, meta::counters_key(volume().id)));
  ASSERT_TRUE(counters);
  counters->latest = Epoch();
  write(Space::kMeta, meta::counters_key(volume().id), meta::encode_counters(*counters));
  expect_finding("wrong-scope");
}

TEST_F(HistoryCheck, names_wrong_counts_of_clones_and_clones_of_nothing) {
  auto record = plane().core().volumes.snapshots(volume().id).front();
  record.clones = 5;
  write(Space::kMeta, meta::snapshot_key(record.volume, record.at), meta::encode_snapshot(record));
  expect_finding("wrong-clones");
  write(Space::kMeta, meta::snapshot_key(record.volume, record.at), std::nullopt);
  expect_finding("missing-base");
}

TEST_F(HistoryCheck, counts_what_a_clone_has_of_its_own) {
  // The clone's own object is a new inode, in a directory that it has from its base.
  const meta::VolumeRecord copy = volume("copy");
  const Bytes name = meta::overlay_key(copy.id, Space::kNames, meta::name_key(copy.root, "changed", false));
  write(Space::kOverlay, name, std::nullopt);
  expect_finding("orphan-inode");
}

TEST_F(HistoryCheck, names_overlays_of_what_is_no_clone) {
  const Bytes key = meta::inode_key(volume().root);
  write(Space::kOverlay, meta::overlay_key(volume().id, Space::kInodes, key), meta::encode_overlay(std::nullopt));
  expect_finding("orphan-overlay");
}

TEST_F(HistoryCheck, names_versions_that_lead_nowhere) {
  meta::VersionRecord version;
  version.inode = InodeId(12'345'678);
  write(Space::kVersions, meta::version_key(volume().id, "key", 99), meta::encode_version(version));
  expect_finding("wrong-version");
  write(Space::kVersions, meta::version_key(VolumeId(77), "key", 99), meta::encode_version(version));
  expect_finding("orphan-version");
}

}  // namespace
}  // namespace tp::test
