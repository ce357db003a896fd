#include "plane/upkeep.h"

#include <gtest/gtest.h>

#include "meta/keys.h"
#include "plane/tiers/move_queue.h"
#include "plane/upkeep/access_notes.h"
#include "unit/plane/versions/versions_fixture.h"

namespace tp::test {
namespace {

using plane::Upkeep;
using plane::UpkeepObject;

constexpr rt::Nanos kDay = 86400 * rt::kSecond;

PlaneStackOptions options_with(rt::Clock* clock) {
  PlaneStackOptions options;
  options.clock = clock;
  return options;
}

// The clock must be there before the plane that reads it.
struct WithClock {
  rt::ManualClock clock;
};

class UpkeepTest : private WithClock, public PlaneFixture {
 protected:
  UpkeepTest() : PlaneFixture(options_with(&clock)) {}

  Upkeep& upkeep() { return plane().upkeep(); }
  VolumeId volume() { return (*plane().volume("vol"))->id; }
  void pass(rt::Nanos time) { clock.advance(time); }
  void set(plane::VolumeChange change) {
    ASSERT_TRUE(run(plane().set_volume(operator_caller(), "vol", std::move(change))));
  }
  void keep_versions() {
    plane::VolumeChange change;
    change.versioning = meta::Versioning::kEnabled;
    set(std::move(change));
  }
  void set_rules(std::string rules) {
    plane::VolumeChange change;
    change.lifecycle = std::move(rules);
    set(std::move(change));
  }
  std::vector<UpkeepObject> versions(const std::string& key) {
    auto found = run(upkeep().versions(volume(), key));
    EXPECT_TRUE(found);
    return found ? std::move(*found) : std::vector<UpkeepObject>();
  }
  Result<bool> move(const UpkeepObject& object, const std::string& storage_class) {
    return run(upkeep().transition(volume(), object.key, object.version, object.inode, storage_class));
  }
  size_t moves_queued() {
    meta::ReadView view(memory_.engine(), kv::ReadMode::kAny);
    Bytes next;
    const auto moves = plane::read_moves(view, {}, 100, &next);
    EXPECT_TRUE(moves);
    return moves ? moves->size() : 0;
  }
  rt::Nanos accessed(const std::string& key) {
    EXPECT_TRUE(run(plane::write_accesses(plane().core())));
    const auto info = stat(key);
    return info ? info->record.accessed : -1;
  }
};

TEST_F(UpkeepTest, changes_come_in_order_from_any_point_on) {
  ASSERT_TRUE(put("a", "1"));
  const JournalSeq after_a = upkeep().newest();
  ASSERT_TRUE(put("b", "2"));
  ASSERT_TRUE(remove("a"));
  const auto changes = run(upkeep().changes(after_a, 100));
  ASSERT_TRUE(changes);
  ASSERT_EQ(changes->size(), 2u);
  EXPECT_EQ((*changes)[0].second.key, "b");
  EXPECT_EQ((*changes)[1].second.kind, meta::ChangeKind::kObjectRemoved);
  EXPECT_EQ((*changes)[1].first, upkeep().newest());
  EXPECT_EQ(run(upkeep().changes(after_a, 1))->size(), 1u);
  EXPECT_TRUE(run(upkeep().changes(upkeep().newest(), 100))->empty());
}

TEST_F(UpkeepTest, changes_that_are_not_kept_any_more_are_not_passed_over_in_silence) {
  ASSERT_TRUE(put("a", "1"));
  const JournalSeq cut = upkeep().newest();
  ASSERT_TRUE(put("b", "2"));
  ASSERT_TRUE(memory_.engine().erase_range(kv::Space::kJournal, meta::journal_key(JournalSeq(0)),
                                           meta::journal_key(JournalSeq(cut.value + 1))));
  EXPECT_EQ(run(upkeep().changes(JournalSeq(cut.value - 1), 100)).error().code, Code::kOutOfRange);
  EXPECT_EQ(run(upkeep().changes(cut, 100))->size(), 1u);
  // A journal that ends before what was followed is another one: of a store that was set back.
  EXPECT_EQ(run(upkeep().changes(JournalSeq(upkeep().newest().value + 5), 100)).error().code, Code::kOutOfRange);
}

TEST_F(UpkeepTest, a_transition_shows_at_once_and_queues_the_move_of_what_lies_in_blobs) {
  ASSERT_TRUE(put("small", "x"));
  ASSERT_TRUE(put("large", Bytes(200 << 10, 'x')));
  const UpkeepObject small = versions("small").at(0), large = versions("large").at(0);
  EXPECT_EQ(*move(small, "GLACIER_IR"), true);
  EXPECT_EQ(*move(large, "GLACIER_IR"), true);
  EXPECT_EQ(stat("large")->record.storage_class, "GLACIER_IR");
  EXPECT_GT(stat("large")->record.transitioned, 0);
  EXPECT_EQ(stat("large")->record.modified, large.modified);
  EXPECT_EQ(versions("small").at(0).storage_class, "GLACIER_IR");
  plane::ListQuery query;
  const auto page = run(plane().list(operator_caller(), "vol", query));
  ASSERT_TRUE(page);
  for (const auto& object : page->objects) EXPECT_EQ(object.storage_class, "GLACIER_IR") << object.key;
  EXPECT_EQ(moves_queued(), 1u);
  EXPECT_EQ(get("large")->size(), 200u << 10);
}

TEST_F(UpkeepTest, a_transition_of_what_is_another_object_now_does_nothing) {
  ASSERT_TRUE(put("k", "1"));
  const UpkeepObject before = versions("k").at(0);
  ASSERT_TRUE(put("k", "2"));
  EXPECT_EQ(*move(before, "GLACIER"), false);
  EXPECT_EQ(stat("k")->record.storage_class, "");
  ASSERT_TRUE(remove("k"));
  EXPECT_EQ(*move(before, "GLACIER"), false);
  EXPECT_EQ(*run(upkeep().transition(VolumeId(12345), "k", 0, before.inode, "GLACIER")), false);
}

TEST_F(UpkeepTest, an_earlier_version_changes_its_class_and_the_current_one_does_not) {
  keep_versions();
  ASSERT_TRUE(put("k", Bytes(100 << 10, 'a')));
  ASSERT_TRUE(put("k", Bytes(100 << 10, 'b')));
  const auto all = versions("k");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_TRUE(all[0].current);
  EXPECT_EQ(*move(all[1], "STANDARD_IA"), true);
  const auto now = versions("k");
  EXPECT_EQ(now.at(0).storage_class, "");
  EXPECT_EQ(now.at(1).storage_class, "STANDARD_IA");
  EXPECT_EQ(now.at(1).superseded, all[1].superseded);
  EXPECT_EQ(moves_queued(), 1u);
  const auto report = run(plane().check({}));
  ASSERT_TRUE(report);
  EXPECT_EQ(report->findings.size(), 0u);
}

TEST_F(UpkeepTest, uploads_are_listed_with_their_age_and_aborted_once) {
  const auto upload = run(plane().create_upload(operator_caller(), ref("u/1"), {}));
  ASSERT_TRUE(upload);
  const auto found = run(upkeep().uploads(volume()));
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ(found->at(0).key, "u/1");
  EXPECT_EQ(found->at(0).upload, *upload);
  EXPECT_EQ(found->at(0).created, memory_.runtime().clock().wall_now());
  EXPECT_EQ(*run(upkeep().abort_upload(volume(), "other", *upload)), false);
  EXPECT_EQ(*run(upkeep().abort_upload(volume(), "u/1", *upload)), true);
  EXPECT_EQ(*run(upkeep().abort_upload(volume(), "u/1", *upload)), false);
  EXPECT_EQ(counters().uploads, 0u);
  EXPECT_TRUE(run(upkeep().uploads(volume()))->empty());
}

TEST_F(UpkeepTest, records_keep_their_order_and_outlive_a_restart) {
  std::vector<Upkeep::Edit> edits;
  for (const char* key : {"b", "a", "c", "d"}) edits.push_back({key, Bytes("value of ") + key});
  ASSERT_TRUE(run(upkeep().edit(edits)));
  std::vector<Upkeep::Edit> second = {{"b", std::nullopt}, {"c", Bytes("new")}, {"c2", Bytes("")}};
  ASSERT_TRUE(run(upkeep().edit(second)));
  reopen();
  using Pairs = std::vector<std::pair<Bytes, Bytes>>;
  EXPECT_EQ(*run(upkeep().records("a", "d", 100)), (Pairs{{"a", "value of a"}, {"c", "new"}, {"c2", ""}}));
  EXPECT_EQ(run(upkeep().records("a", "z", 2))->size(), 2u);
  EXPECT_TRUE(run(upkeep().records("a", "z", 0))->empty());
}

TEST_F(UpkeepTest, reads_are_noted_once_a_day_where_rules_may_ask) {
  ASSERT_TRUE(put("k", "x"));
  pass(3 * kDay);
  EXPECT_EQ(accessed("k"), 0);
  ASSERT_TRUE(get("k"));
  EXPECT_EQ(accessed("k"), 0) << "nobody asks";
  set_rules("some");
  EXPECT_EQ(accessed("k"), 0);
  ASSERT_TRUE(get("k"));
  const rt::Nanos first = accessed("k");
  EXPECT_EQ(first, memory_.runtime().clock().wall_now());
  pass(kDay / 2);
  ASSERT_TRUE(get("k"));
  EXPECT_EQ(accessed("k"), first) << "twice in a day";
  pass(kDay);
  ASSERT_TRUE(get("k"));
  EXPECT_GT(accessed("k"), first);
  EXPECT_EQ(versions("k").at(0).accessed, accessed("k"));
}

TEST_F(UpkeepTest, what_was_written_within_the_day_is_not_noted_and_what_is_gone_is_passed_over) {
  set_rules("some");
  EXPECT_EQ(accessed("none"), -1);
  ASSERT_TRUE(put("new", "x"));
  ASSERT_TRUE(put("gone", "x"));
  ASSERT_TRUE(get("new"));
  EXPECT_EQ(accessed("new"), 0);
  pass(2 * kDay);
  ASSERT_TRUE(get("new"));
  ASSERT_TRUE(get("gone"));
  ASSERT_TRUE(remove("gone"));
  EXPECT_GT(accessed("new"), 0);
}

}  // namespace
}  // namespace tp::test
