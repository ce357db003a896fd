#include <gtest/gtest.h>

#include <algorithm>

#include "meta/keys.h"
#include "plane/check/passes/blob_pass.h"
#include "plane/core/blob_records.h"
#include "support/memory_plane.h"
#include "support/plane_client.h"

namespace tp::plane {
namespace {

using kv::Space;
using test::make_data;
using test::operator_caller;

/// A store with some of everything, to be damaged behind its back.
class Check : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(store_.open());
    ASSERT_TRUE(store_.run(plane().create_volume(operator_caller(), "volume", {})));
    put("dir/small", 100);
    put("dir/sub/large", 200'000);
    put("other", 100'000);
    ASSERT_TRUE(store_.run(plane().copy(operator_caller(), ref("other"), ref("shared"), {})));
    auto upload = store_.run(plane().create_upload(operator_caller(), ref("in progress"), {}));
    ASSERT_TRUE(upload);
    upload_ = *upload;
    ASSERT_TRUE(store_.run(test::put_part(&plane(), ref("in progress"), upload_, 1, make_data(9, 90'000),
                                          test::part_options())));
    expect_clean();
  }
  Plane& plane() { return store_.plane(); }
  static ObjectRef ref(const std::string& key) { return {"volume", key}; }
  void put(const std::string& key, size_t size) {
    ASSERT_TRUE(store_.run(test::put_object(&plane(), ref(key), make_data(size, size))));
  }
  CheckReport check(CheckOptions options = {}) {
    auto report = store_.run(plane().check(std::move(options)));
    EXPECT_TRUE(report) << report.error().to_string();
    return report.value_or(CheckReport());
  }
  void expect_clean() {
    for (const CheckFinding& finding : check().findings) {
      ADD_FAILURE() << finding.kind << " | " << finding.where << " | " << finding.detail;
    }
  }
  void expect_finding(const std::string& kind, const std::string& where) {
    const CheckReport report = check();
    const bool found = std::ranges::any_of(report.findings, [&](const CheckFinding& finding) {
      return finding.kind == kind && finding.where.find(where) != std::string::npos;
    });
    EXPECT_TRUE(found) << "no " << kind << " at " << where;
    if (found) return;
    for (const CheckFinding& each : report.findings) {
      ADD_FAILURE() << each.kind << " | " << each.where << " | " << each.detail;
    }
  }

  void write(Space space, Bytes key, std::optional<Bytes> value) {
    const std::vector<kv::Write> writes = {{space, std::move(key), std::move(value)}};
    ASSERT_TRUE(store_.engine().write(writes, kv::Durability::kSync));
  }
  Bytes read(Space space, const Bytes& key) {
    const auto value = store_.engine().get(space, key);
    EXPECT_TRUE(value && *value);
    return value && *value ? **value : Bytes();
  }
  meta::VolumeRecord volume() { return *plane().volume("volume").value(); }
  ObjectInfo stat(const std::string& key) { return *store_.run(plane().stat(operator_caller(), ref(key))).value(); }
  InodeId parent_of(const std::string& key) { return stat(key).record.parent; }
  meta::Extent extent_of(const std::string& key) {
    return meta::decode_extent(0, read(Space::kExtents, meta::extent_key(stat(key).inode, 0))).value();
  }
  void change_inode(InodeId inode, const std::function<void(meta::InodeRecord&)>& change) {
    meta::InodeRecord record = meta::decode_inode(read(Space::kInodes, meta::inode_key(inode))).value();
    change(record);
    write(Space::kInodes, meta::inode_key(inode), meta::encode_inode(record));
  }

  test::MemoryPlane store_;
  UploadId upload_;
};

TEST_F(Check, names_a_name_that_leads_nowhere) {
  write(Space::kNames, meta::name_key(volume().root, "ghost", false), meta::encode_name({InodeId(77), false}));
  expect_finding("dangling-name", "volume/ghost");
}

TEST_F(Check, names_an_object_whose_inode_is_damaged) {
  write(Space::kInodes, meta::inode_key(stat("dir/small").inode), "nonsense");
  expect_finding("corrupt-inode", "volume/dir/small");
}

TEST_F(Check, names_an_inode_without_a_name) {
  const InodeId parent = parent_of("dir/small");
  const InodeId inode = stat("dir/small").inode;
  write(Space::kNames, meta::name_key(parent, "small", false), std::nullopt);
  expect_finding("orphan-inode", "inode " + std::to_string(inode.value));
  expect_finding("wrong-counter", "volume");
  expect_finding("wrong-live-children", "volume/dir");
}

TEST_F(Check, names_a_name_that_shows_other_attributes_than_its_inode) {
  const ObjectInfo object = stat("dir/small");
  change_inode(object.inode, [](meta::InodeRecord& record) { record.storage_class = "STANDARD_IA"; });
  expect_finding("stale-name", "inode " + std::to_string(object.inode.value));
}

TEST_F(Check, names_names_below_a_directory_that_is_gone) {
  const InodeId directory = parent_of("dir/sub/large");
  const InodeId parent = parent_of("dir/small");
  write(Space::kNames, meta::name_key(parent, "sub", true), std::nullopt);
  expect_finding("orphan-inode", "inode " + std::to_string(directory.value));
  expect_finding("unreachable-names", "names");
  write(Space::kInodes, meta::inode_key(directory), std::nullopt);
  expect_finding("orphan-name", "inode " + std::to_string(directory.value));
}

TEST_F(Check, does_not_go_round_in_a_circle_of_directories) {
  const InodeId outer = parent_of("dir/small");
  write(Space::kNames, meta::name_key(parent_of("dir/sub/large"), "loop", true), meta::encode_name({outer, true}));
  expect_finding("wrong-name", "volume/dir/sub/loop/");
}

TEST_F(Check, names_what_lacks_its_data) {
  write(Space::kData, meta::data_key(stat("dir/small").inode), std::nullopt);
  write(Space::kExtents, meta::extent_key(stat("dir/sub/large").inode, 0), std::nullopt);
  expect_finding("missing-data", "volume/dir/small");
  expect_finding("missing-data", "volume/dir/sub/large");
  expect_finding("orphan-blob", "blob");
}

TEST_F(Check, names_small_data_that_is_damaged_or_of_another_size) {
  const Bytes key = meta::data_key(stat("dir/small").inode);
  Bytes data = read(Space::kData, key);
  data.back() = static_cast<char>(data.back() ^ 1);
  write(Space::kData, key, data);
  expect_finding("corrupt-data", "volume/dir/small");
  write(Space::kData, key, meta::encode_small_data(stat("dir/small").inode, "short"));
  expect_finding("wrong-size", "volume/dir/small");
}

TEST_F(Check, names_data_of_nobody) {
  write(Space::kData, meta::data_key(InodeId(500)), meta::encode_small_data(InodeId(500), "x"));
  write(Space::kExtents, meta::extent_key(InodeId(600), 0), meta::encode_extent(extent_of("other")));
  write(Space::kData, meta::data_key(stat("other").inode), meta::encode_small_data(stat("other").inode, "x"));
  expect_finding("orphan-data", "inode 500");
  expect_finding("orphan-extent", "inode 600");
  expect_finding("orphan-data", "volume/other");
  expect_finding("wrong-references", "blob");
}

TEST_F(Check, names_extents_with_gaps_and_past_their_blobs) {
  const meta::Extent extent = extent_of("dir/sub/large");
  meta::Extent longer = extent;
  longer.length_bytes += 1;
  write(Space::kExtents, meta::extent_key(stat("dir/sub/large").inode, 0), meta::encode_extent(longer));
  expect_finding("missing-data", "volume/dir/sub/large");
  write(Space::kExtents, meta::extent_key(stat("dir/sub/large").inode, 0), "nonsense");
  expect_finding("corrupt-extent", "volume/dir/sub/large");
}

TEST_F(Check, names_who_needs_a_blob_without_a_record) {
  write(Space::kBlobs, meta::blob_key(extent_of("dir/sub/large").blob), std::nullopt);
  expect_finding("missing-blob", "volume/dir/sub/large");
  expect_finding("wrong-place", "place");
}

TEST_F(Check, names_blobs_whose_references_or_places_are_wrong) {
  const BlobId shared = extent_of("shared").blob, single = extent_of("dir/sub/large").blob;
  write(Space::kBlobs, meta::blob_references_key(shared), encode_references(3));
  expect_finding("wrong-references", "blob " + std::to_string(shared.value));
  write(Space::kBlobs, meta::blob_references_key(shared), std::nullopt);
  expect_finding("wrong-references", "blob " + std::to_string(shared.value));
  write(Space::kBlobs, meta::blob_references_key(BlobId(4711)), encode_references(2));
  expect_finding("wrong-references", "blob 4711");
  auto record = decode_blob_record(single, read(Space::kBlobs, meta::blob_key(single))).value();
  write(Space::kBlobs, meta::blob_place_key(record.tier, record.segment, record.offset), encode_blob_place(shared));
  expect_finding("wrong-place", "blob " + std::to_string(single.value));
}

TEST_F(Check, names_blobs_that_lie_in_one_place) {
  const BlobId first = extent_of("shared").blob;
  auto record = decode_blob_record(first, read(Space::kBlobs, meta::blob_key(first))).value();
  record.id = BlobId(first.value + 1'000'000);
  record.offset += 4096;
  write(Space::kBlobs, meta::blob_key(record.id), encode_blob_record(record));
  write(Space::kBlobs, meta::blob_place_key(record.tier, record.segment, record.offset), encode_blob_place(record.id));
  expect_finding("shared-place", "blob " + std::to_string(record.id.value));
}

TEST_F(Check, names_counters_that_are_wrong) {
  meta::VolumeCounters counters = store_.run(plane().counters("volume")).value();
  ++counters.objects;
  ++counters.upload_bytes;
  write(Space::kMeta, meta::counters_key(volume().id), meta::encode_counters(counters));
  expect_finding("wrong-counter", "volume");
  write(Space::kMeta, meta::counters_key(volume().id), std::nullopt);
  expect_finding("corrupt-counters", "volume");
}

TEST_F(Check, names_directories_that_miscount) {
  change_inode(parent_of("dir/sub/large"), [](meta::InodeRecord& record) { record.live_children = 9; });
  expect_finding("wrong-live-children", "volume/dir/sub");
}

TEST_F(Check, names_parts_without_an_upload_and_uploads_without_a_volume) {
  const Bytes part = read(Space::kUploads, meta::part_key(upload_, 1));
  write(Space::kUploads, meta::part_key(UploadId(333), 1), part);
  write(Space::kUploads, meta::upload_key(VolumeId(999), "lost", UploadId(334)),
        read(Space::kUploads, meta::upload_key(volume().id, "in progress", upload_)));
  expect_finding("orphan-part", "upload 333");
  expect_finding("orphan-upload", "lost, upload 334");
  write(Space::kUploads, meta::part_key(upload_, 1), "nonsense");
  expect_finding("corrupt-part", "volume/in progress");
}

TEST_F(Check, names_records_that_do_not_parse) {
  write(Space::kMeta, meta::user_key("somebody"), "nonsense");
  write(Space::kMeta, meta::volume_key("broken"), "nonsense");
  write(Space::kJournal, meta::journal_key(JournalSeq(1)), "nonsense");
  expect_finding("corrupt-user", "somebody");
  expect_finding("corrupt-volume", "broken");
  expect_finding("corrupt-journal", "journal");
}

TEST_F(Check, names_the_object_whose_blob_has_a_flipped_bit) {
  const BlobId blob = extent_of("dir/sub/large").blob;
  const auto record = decode_blob_record(blob, read(Space::kBlobs, meta::blob_key(blob))).value();
  const auto names = store_.run([](io::FileSystem* files) -> Task<std::vector<std::string>> {
    co_return co_await files->list("blobs");
  }(&store_.files()));
  ASSERT_TRUE(names);
  // Right bytes are in exactly one of the segments.
  size_t flipped = 0;
  for (const std::string& name : *names) {
    const Bytes bytes = store_.files().peek("blobs/" + name, record.offset, 200'000);
    if (bytes == make_data(200'000, 200'000)) {
      flipped += store_.files().flip_bit("blobs/" + name, record.offset + 150'000, 3) ? 1 : 0;
    }
  }
  ASSERT_EQ(flipped, 1U);
  expect_finding("corrupt-blob", "volume/dir/sub/large");
  CheckOptions records_only;
  records_only.read_data = false;
  EXPECT_TRUE(check(std::move(records_only)).clean());
}

TEST_F(Check, counts_blobs_in_as_many_rounds_as_it_takes) {
  for (int i = 0; i < 10; ++i) put("more/" + std::to_string(i), 70'000);
  for (const size_t per_round : {size_t{1}, size_t{3}, size_t{100}}) {
    FindingList findings(10);
    meta::ReadView view(store_.engine(), kv::ReadMode::kAny);
    BlobPass pass(view, findings, per_round);
    Result<bool> more = true;
    while (more && *more) more = pass.step();
    ASSERT_TRUE(more);
    EXPECT_TRUE(findings.take().clean());
  }
  write(Space::kBlobs, meta::blob_key(extent_of("more/5").blob), std::nullopt);
  FindingList findings(10);
  findings.know_volume(volume());
  meta::ReadView view(store_.engine(), kv::ReadMode::kAny);
  BlobPass pass(view, findings, 2);
  Result<bool> more = true;
  while (more && *more) more = pass.step();
  const CheckReport report = findings.take();
  ASSERT_FALSE(report.findings.empty());
  EXPECT_EQ(report.findings[0].kind, "missing-blob");
  EXPECT_EQ(report.findings[0].where, "volume/more/5");
}

TEST_F(Check, keeps_the_first_findings_and_counts_the_rest) {
  for (int i = 0; i < 20; ++i) {
    write(Space::kNames, meta::name_key(volume().root, "ghost" + std::to_string(i), false),
          meta::encode_name({InodeId(7000), false}));
  }
  CheckOptions options;
  options.findings_limit = 5;
  const CheckReport report = check(std::move(options));
  EXPECT_EQ(report.findings.size(), 5U);
  EXPECT_GE(report.findings_total, 20U);
}

TEST_F(Check, tells_how_far_it_is) {
  std::vector<std::string> stages;
  CheckOptions options;
  options.progress = [&](const CheckProgress& progress) {
    if (stages.empty() || stages.back() != progress.stage) stages.push_back(progress.stage);
  };
  const CheckReport report = check(std::move(options));
  EXPECT_EQ(stages, (std::vector<std::string>{"records", "blobs", "engine"}));
  EXPECT_GT(report.totals.records, 10U);
  EXPECT_EQ(report.totals.blobs, 3U);
  EXPECT_GT(report.totals.bytes, 390'000U);
}

Task<void> change_things(Plane* plane, bool* stop) {
  for (int i = 0; !*stop; ++i) {
    const ObjectRef object{"volume", "busy/" + std::to_string(i % 7)};
    TP_CO_TRY_VOID(co_await test::put_object(plane, object, make_data(static_cast<uint64_t>(i), 70'000)));
    if (i % 3 == 0) TP_CO_TRY_VOID(co_await plane->remove(operator_caller(), object, {}));
  }
  co_return ok;
}

Task<CheckReport> check_while_changing(PlaneImpl* plane) {
  bool stop = false;
  rt::TaskGroup group;
  group.spawn(change_things(plane, &stop));
  CheckReport sum;
  for (int i = 0; i < 20; ++i) {
    auto report = co_await plane->check({});
    TP_CO_TRY_VOID(co_await plane->core().dead_blobs.collect());
    if (!report || !report->clean()) {
      stop = true;
      co_await group.join();
      co_return report;
    }
    sum.totals.blobs += report->totals.blobs;
  }
  stop = true;
  co_await group.join();
  co_return sum;
}

TEST_F(Check, finds_nothing_in_a_store_that_is_in_use) {
  const auto report = store_.run(check_while_changing(&store_.plane()));
  ASSERT_TRUE(report) << report.error().to_string();
  for (const CheckFinding& each : report->findings) ADD_FAILURE() << each.kind << " | " << each.where;
}

}  // namespace
}  // namespace tp::plane
