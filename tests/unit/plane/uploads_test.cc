#include <gtest/gtest.h>

#include "base/hash/hasher.h"
#include "plane/uploads/upload_checksum.h"
#include "support/memory_plane.h"
#include "support/naive_listing.h"
#include "support/plane_client.h"

namespace tp::plane {
namespace {

using test::get_object;
using test::make_data;
using test::operator_caller;
using test::part_options;
using test::put_object;

constexpr size_t kFull = kMinPartBytes;

class Uploads : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(store_.open());
    ASSERT_TRUE(run(plane().create_volume(operator_caller(), "volume", {})));
  }
  Plane& plane() { return store_.plane(); }
  template <class T>
  Result<T> run(Task<T> task) {
    return store_.run(std::move(task));
  }
  static ObjectRef ref(const std::string& key) { return {"volume", key}; }

  UploadId create(const std::string& key, ChecksumAlgorithm algorithm = ChecksumAlgorithm::kNone,
                  std::optional<meta::ChecksumType> type = std::nullopt) {
    UploadOptions options;
    options.checksum_algorithm = algorithm;
    options.checksum_type = type;
    options.attributes.headers = {{"content-type", "text/plain"}};
    const auto upload = run(plane().create_upload(operator_caller(), ref(key), std::move(options)));
    EXPECT_TRUE(upload) << upload.error().to_string();
    return upload.value_or(UploadId());
  }
  CompletePart put(const std::string& key, UploadId upload, uint16_t number, Bytes data) {
    const auto part = run(test::put_part(&plane(), ref(key), upload, number, std::move(data), part_options()));
    EXPECT_TRUE(part) << part.error().to_string();
    return {number, part ? part->etag : "", std::nullopt};
  }
  Result<PutResult> complete(const std::string& key, UploadId upload, CompleteOptions options) {
    return run(plane().complete_upload(operator_caller(), ref(key), upload, std::move(options)));
  }
  template <class T>
  static void expect_refused(const Result<T>& answer, Code code, Reason reason) {
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, code) << answer.error().to_string();
    EXPECT_EQ(answer.error().reason, static_cast<uint16_t>(reason)) << answer.error().to_string();
  }
  meta::VolumeCounters counters() { return run(plane().counters("volume")).value_or(meta::VolumeCounters()); }
  void expect_clean() {
    const auto report = run(plane().check({}));
    ASSERT_TRUE(report);
    for (const auto& finding : report->findings) ADD_FAILURE() << finding.kind << " " << finding.where;
  }
  uint64_t blobs_written() { return store_.blobs().stats().bytes_written; }

  test::MemoryPlane store_;
};

TEST_F(Uploads, become_an_object_without_moving_a_byte) {
  const UploadId upload = create("a/b");
  const Bytes one = make_data(1, kFull), two = make_data(2, kFull + 70'000), three = make_data(3, 10);
  CompleteOptions options;
  options.parts = {put("a/b", upload, 1, one), put("a/b", upload, 2, two), put("a/b", upload, 7, three)};
  EXPECT_EQ(counters().uploads, 1U);
  EXPECT_EQ(counters().upload_bytes, one.size() + two.size() + three.size());
  const uint64_t written = blobs_written();
  const auto result = complete("a/b", upload, options);
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_EQ(blobs_written(), written);
  Bytes md5s;
  for (const Bytes* part : {&one, &two, &three}) md5s += as_view(md5(*part));
  EXPECT_EQ(result->etag, to_hex(as_view(md5(md5s))) + "-3");
  EXPECT_EQ(result->size_bytes, one.size() + two.size() + three.size());
  EXPECT_EQ(run(get_object(&plane(), ref("a/b"))).value_or(""), one + two + three);
  EXPECT_EQ(run(get_object(&plane(), ref("a/b"), test::ByteRange{kFull - 5, 20})).value_or(""),
            (one + two + three).substr(kFull - 5, 20));
  const auto info = run(plane().stat(operator_caller(), ref("a/b")));
  ASSERT_TRUE(info);
  const meta::InodeRecord& record = (*info)->record;
  ASSERT_EQ(record.parts.size(), 3U);
  EXPECT_EQ(record.parts[2].number, 7);
  EXPECT_EQ(record.parts[2].size_bytes, three.size());
  EXPECT_EQ(record.headers, (meta::HeaderList{{"content-type", "text/plain"}}));
  EXPECT_EQ(counters().uploads, 0U);
  EXPECT_EQ(counters().upload_bytes, 0U);
  EXPECT_EQ(counters().objects, 1U);
  expect_clean();
}

TEST_F(Uploads, may_have_one_part_of_no_bytes) {
  const UploadId upload = create("empty");
  CompleteOptions options;
  options.parts = {put("empty", upload, 1, "")};
  ASSERT_TRUE(complete("empty", upload, options));
  EXPECT_EQ(run(get_object(&plane(), ref("empty"))).value_or("?"), "");
  expect_clean();
}

TEST_F(Uploads, refuse_a_completion_that_does_not_name_the_parts_as_they_are) {
  const UploadId upload = create("k", ChecksumAlgorithm::kCrc32c);
  const CompletePart one = put("k", upload, 1, make_data(1, kFull - 1)), two = put("k", upload, 2, make_data(2, 9));
  const auto attempt = [&](std::vector<CompletePart> parts) {
    CompleteOptions options;
    options.parts = std::move(parts);
    return complete("k", upload, std::move(options));
  };
  expect_refused(attempt({}), Code::kInvalidArgument, Reason::kInvalidPart);
  expect_refused(attempt({two, one}), Code::kInvalidArgument, Reason::kInvalidPartOrder);
  expect_refused(attempt({one, one}), Code::kInvalidArgument, Reason::kInvalidPartOrder);
  expect_refused(attempt({{3, one.etag, {}}}), Code::kInvalidArgument, Reason::kInvalidPart);
  expect_refused(attempt({{1, two.etag, {}}}), Code::kInvalidArgument, Reason::kInvalidPart);
  expect_refused(attempt({{1, "no etag", {}}}), Code::kInvalidArgument, Reason::kInvalidPart);
  expect_refused(attempt({{1, one.etag, "1234"}}), Code::kInvalidArgument, Reason::kInvalidPart);
  expect_refused(attempt({one, two}), Code::kInvalidArgument, Reason::kPartTooSmall);
  expect_refused(attempt(std::vector<CompletePart>(10'001, one)), Code::kInvalidArgument, Reason::kTooManyParts);
  EXPECT_FALSE(attempt({{0, one.etag, {}}}));
  expect_refused(complete("other", upload, {.parts = {two}}), Code::kNotFound, Reason::kNoSuchUpload);
  expect_refused(complete("k", UploadId(12345), {.parts = {two}}), Code::kNotFound, Reason::kNoSuchUpload);
  expect_refused(complete("k", upload, {.parts = {two}, .object_size_bytes = 10}), Code::kInvalidArgument,
                 Reason::kUploadSizeMismatch);
  expect_refused(complete("k", upload, {.parts = {two}, .checksum = "1234"}), Code::kInvalidArgument,
                 Reason::kChecksumMismatch);
  expect_refused(complete("k", upload, {.parts = {two}, .checksum_type = meta::ChecksumType::kFullObject}),
                 Code::kInvalidArgument, Reason::kInvalidChecksumType);
  EXPECT_TRUE(complete("k", upload, {.parts = {two}, .object_size_bytes = 9}));
  expect_clean();
}

TEST_F(Uploads, have_the_checksum_types_that_their_algorithm_has) {
  using enum ChecksumAlgorithm;
  using enum meta::ChecksumType;
  EXPECT_EQ(checksum_type_of(kCrc32, {}), kComposite);
  EXPECT_EQ(checksum_type_of(kCrc32c, {}), kComposite);
  EXPECT_EQ(checksum_type_of(kCrc64Nvme, {}), kFullObject);
  EXPECT_EQ(checksum_type_of(kNone, {}), kFullObject);
  EXPECT_EQ(checksum_type_of(kSha256, {}), kComposite);
  EXPECT_EQ(checksum_type_of(kCrc32, kFullObject), kFullObject);
  EXPECT_FALSE(checksum_type_of(kCrc64Nvme, kComposite));
  EXPECT_FALSE(checksum_type_of(kSha1, kFullObject));
  EXPECT_FALSE(checksum_type_of(kSha256, kFullObject));
}

TEST_F(Uploads, combine_the_parts_checksums_into_the_objects) {
  using enum ChecksumAlgorithm;
  using enum meta::ChecksumType;
  const std::pair<ChecksumAlgorithm, meta::ChecksumType> kinds[] = {
      {kNone, kFullObject},  {kCrc32, kFullObject}, {kCrc32c, kFullObject}, {kCrc64Nvme, kFullObject},
      {kCrc32, kComposite},  {kSha1, kComposite},   {kSha256, kComposite}};
  const Bytes one = make_data(1, kFull), two = make_data(2, 1234);
  for (const auto& [algorithm, type] : kinds) {
    const std::string key = "k" + std::to_string(static_cast<int>(algorithm)) + std::to_string(static_cast<int>(type));
    const UploadId upload = create(key, algorithm, algorithm == kNone ? std::nullopt : std::optional(type));
    CompleteOptions options;
    options.parts = {put(key, upload, 1, one), put(key, upload, 2, two)};
    const auto result = complete(key, upload, options);
    ASSERT_TRUE(result) << result.error().to_string();
    const ChecksumAlgorithm kept = algorithm == kNone ? kCrc64Nvme : algorithm;
    EXPECT_EQ(result->checksum.algorithm, kept);
    EXPECT_EQ(result->checksum.type, type);
    EXPECT_EQ(result->checksum.value, type == kFullObject ? digest(kept, one + two)
                                                          : digest(kept, digest(kept, one) + digest(kept, two)));
  }
}

TEST_F(Uploads, take_parts_with_the_checksum_they_announced_or_with_any_if_they_announced_none) {
  const UploadId announced = create("a", ChecksumAlgorithm::kCrc32), silent = create("b");
  const Bytes data = make_data(1, 100);
  WriteOptions options;
  options.checksum_algorithm = ChecksumAlgorithm::kSha256;
  ExpectedDigests right, wrong;
  right.checksum = digest(ChecksumAlgorithm::kSha256, data);
  wrong.checksum = digest(ChecksumAlgorithm::kSha256, "else");
  expect_refused(run(test::put_part(&plane(), ref("a"), announced, 1, data, options, right)), Code::kInvalidArgument,
                 Reason::kInvalidChecksumType);
  EXPECT_TRUE(run(test::put_part(&plane(), ref("b"), silent, 1, data, options, right)));
  expect_refused(run(test::put_part(&plane(), ref("b"), silent, 2, data, options, wrong)), Code::kInvalidArgument,
                 Reason::kChecksumMismatch);
  const auto result = complete("b", silent, {.parts = {{1, to_hex(as_view(md5(data))), {}}}});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->checksum.value, digest(ChecksumAlgorithm::kCrc64Nvme, data));
  expect_clean();
}

TEST_F(Uploads, replace_a_part_that_is_put_again_and_free_what_is_not_used) {
  const UploadId upload = create("k");
  put("k", upload, 1, make_data(1, 300'000));
  const CompletePart again = put("k", upload, 1, make_data(2, 200'000));
  put("k", upload, 2, make_data(3, 100'000));
  EXPECT_EQ(counters().upload_bytes, 300'000U);
  EXPECT_EQ(plane().stats().blobs_waiting_to_be_freed, 1U);
  expect_clean();
  ASSERT_TRUE(complete("k", upload, {.parts = {again}}));
  EXPECT_EQ(plane().stats().blobs_waiting_to_be_freed, 2U);
  EXPECT_EQ(counters().upload_bytes, 0U);
  EXPECT_EQ(run(get_object(&plane(), ref("k"))).value_or(""), make_data(2, 200'000));
  expect_clean();
}

TEST_F(Uploads, answer_a_repeated_completion_as_the_first_time) {
  const UploadId upload = create("k");
  const CompletePart part = put("k", upload, 1, "data");
  const auto first = complete("k", upload, {.parts = {part}});
  ASSERT_TRUE(first);
  const auto second = complete("k", upload, {.parts = {part}});
  ASSERT_TRUE(second);
  EXPECT_EQ(second->etag, first->etag);
  EXPECT_EQ(second->inode, first->inode);
  EXPECT_EQ(second->size_bytes, 4U);
  expect_refused(complete("k", upload, {.parts = {{1, to_hex(as_view(md5("else"))), {}}}}), Code::kNotFound,
                 Reason::kNoSuchUpload);
  expect_refused(complete("other", upload, {.parts = {part}}), Code::kNotFound, Reason::kNoSuchUpload);
  ASSERT_TRUE(run(put_object(&plane(), ref("k"), "newer")));
  ASSERT_TRUE(complete("k", upload, {.parts = {part}}));
  EXPECT_EQ(run(get_object(&plane(), ref("k"))).value_or(""), "newer");
}

TEST_F(Uploads, keep_to_the_conditions_and_stay_open_where_these_fail) {
  const UploadId upload = create("k");
  const CompletePart part = put("k", upload, 1, "data");
  CompleteOptions options{.parts = {part}};
  options.conditions.if_match = "*";
  EXPECT_EQ(complete("k", upload, options).error().code, Code::kNotFound);
  ASSERT_TRUE(run(put_object(&plane(), ref("k"), "there")));
  options.conditions = {.if_none_match_any = true};
  EXPECT_EQ(complete("k", upload, options).error().code, Code::kPreconditionFailed);
  options.conditions = {.if_match = to_hex(as_view(md5("there")))};
  EXPECT_TRUE(complete("k", upload, options));
  EXPECT_EQ(counters().objects, 1U);
}

TEST_F(Uploads, that_are_aborted_leave_nothing) {
  const UploadId upload = create("k");
  put("k", upload, 1, make_data(1, 100'000));
  expect_refused(run(plane().abort_upload(operator_caller(), ref("else"), upload)), Code::kNotFound,
                 Reason::kNoSuchUpload);
  ASSERT_TRUE(run(plane().abort_upload(operator_caller(), ref("k"), upload)));
  expect_refused(run(plane().abort_upload(operator_caller(), ref("k"), upload)), Code::kNotFound,
                 Reason::kNoSuchUpload);
  expect_refused(run(test::put_part(&plane(), ref("k"), upload, 1, "x", part_options())), Code::kNotFound,
                 Reason::kNoSuchUpload);
  expect_refused(run(plane().list_parts(operator_caller(), ref("k"), upload, 0, 10)), Code::kNotFound,
                 Reason::kNoSuchUpload);
  EXPECT_EQ(counters().uploads + counters().upload_bytes, 0U);
  expect_clean();
}

Task<PutResult> abort_under_the_writer(Plane* plane, ObjectRef object, UploadId upload) {
  TP_CO_TRY(const auto writer, co_await plane->open_part_writer(operator_caller(), object, upload, 1, part_options()));
  TP_CO_TRY_VOID(co_await plane->abort_upload(operator_caller(), object, upload));
  const Bytes data = make_data(1, 100'000);
  co_return co_await test::write_all(writer.get(), data, {});
}

TEST_F(Uploads, that_end_while_a_part_is_written_do_not_get_it) {
  const UploadId upload = create("k");
  expect_refused(run(abort_under_the_writer(&plane(), ref("k"), upload)), Code::kNotFound, Reason::kNoSuchUpload);
  expect_clean();
}

TEST_F(Uploads, refuse_part_numbers_and_callers_that_may_not) {
  const UploadId upload = create("k");
  for (const uint16_t number : {0, 10'001}) {
    EXPECT_FALSE(run(plane().open_part_writer(operator_caller(), ref("k"), upload, number, part_options())));
  }
  Caller stranger;
  stranger.user_id = "stranger";
  expect_refused(run(plane().create_upload(stranger, ref("k"), {})), Code::kPermissionDenied, Reason::kAccessDenied);
  expect_refused(run(plane().abort_upload(stranger, ref("k"), upload)), Code::kPermissionDenied,
                 Reason::kAccessDenied);
  expect_refused(run(plane().list_uploads(stranger, "volume", {})), Code::kPermissionDenied, Reason::kAccessDenied);
  expect_refused(run(plane().create_upload(operator_caller(), {"none", "k"}, {})), Code::kNotFound,
                 Reason::kNoSuchVolume);
  expect_refused(run(plane().create_upload(operator_caller(), ref(std::string(1025, 'k')), {})),
                 Code::kInvalidArgument, Reason::kInvalidKey);
}

TEST_F(Uploads, list_their_parts_with_exact_truncation) {
  const UploadId upload = create("k", ChecksumAlgorithm::kCrc32);
  for (const uint16_t number : {1, 2, 5, 9'999, 10'000}) put("k", upload, number, std::string(number % 7 + 1, 'x'));
  const std::vector<uint16_t> numbers = {1, 2, 5, 9'999, 10'000};
  for (uint16_t after : {0, 1, 2, 3, 5, 9'998, 9'999, 10'000}) {
    for (uint32_t max = 0; max <= 6; ++max) {
      const auto page = run(plane().list_parts(operator_caller(), ref("k"), upload, after, max));
      ASSERT_TRUE(page);
      std::vector<uint16_t> want, got;
      for (const uint16_t number : numbers) {
        if (number > after) want.push_back(number);
      }
      EXPECT_EQ(page->truncated, max > 0 && want.size() > max);
      want.resize(std::min<size_t>(want.size(), max));
      for (const ListedPart& part : page->parts) {
        got.push_back(part.number);
        EXPECT_EQ(part.size_bytes, part.number % 7 + 1U);
        EXPECT_EQ(part.checksum, digest(ChecksumAlgorithm::kCrc32, std::string(part.size_bytes, 'x')));
      }
      EXPECT_EQ(got, want);
    }
  }
}

TEST_F(Uploads, copy_parts_by_sharing_their_blobs) {
  const Bytes source = make_data(1, (8 << 20) + 100'000);
  ASSERT_TRUE(run(put_object(&plane(), ref("source"), source)));
  const UploadId upload = create("k", ChecksumAlgorithm::kCrc32c, meta::ChecksumType::kFullObject);
  const uint64_t written = blobs_written();
  const auto whole = run(plane().copy_part(operator_caller(), ref("source"), {}, {}, ref("k"), upload, 1));
  // Across the border between two blobs.
  const Plane::SourceRange range{(8 << 20) - 1000, 50'000};
  const auto some = run(plane().copy_part(operator_caller(), ref("source"), range, {}, ref("k"), upload, 2));
  ASSERT_TRUE(whole && some);
  EXPECT_EQ(blobs_written(), written);
  const Bytes piece = source.substr(range.offset, range.size_bytes);
  EXPECT_EQ(some->etag, to_hex(as_view(md5(piece))));
  EXPECT_EQ(some->checksum.value, digest(ChecksumAlgorithm::kCrc32c, piece));
  ASSERT_TRUE(run(plane().remove(operator_caller(), ref("source"), {})));
  ASSERT_TRUE(run(store_.plane().core().dead_blobs.collect()));
  expect_clean();
  const auto result = complete("k", upload, {.parts = {{1, whole->etag, {}}, {2, some->etag, {}}}});
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_EQ(result->checksum.value, digest(ChecksumAlgorithm::kCrc32c, source + piece));
  EXPECT_EQ(run(get_object(&plane(), ref("k"))).value_or(""), source + piece);
  expect_clean();
}

TEST_F(Uploads, copy_small_sources_as_new_blobs_and_refuse_ranges_outside) {
  ASSERT_TRUE(run(put_object(&plane(), ref("small"), "0123456789")));
  const UploadId upload = create("k");
  const auto copy = [&](std::optional<Plane::SourceRange> range, ReadConditions conditions = {}) {
    return run(plane().copy_part(operator_caller(), ref("small"), range, std::move(conditions), ref("k"), upload, 1));
  };
  EXPECT_EQ(copy(Plane::SourceRange{0, 11}).error().code, Code::kOutOfRange);
  EXPECT_EQ(copy(Plane::SourceRange{10, 1}).error().code, Code::kOutOfRange);
  EXPECT_EQ(copy(Plane::SourceRange{3, UINT64_MAX}).error().code, Code::kOutOfRange);
  EXPECT_EQ(copy(Plane::SourceRange{3, 0}).error().code, Code::kOutOfRange);
  expect_refused(copy({}, {.if_match = "else"}), Code::kPreconditionFailed, Reason::kSourceConditionFailed);
  expect_refused(run(plane().copy_part(operator_caller(), ref("none"), {}, {}, ref("k"), upload, 1)), Code::kNotFound,
                 Reason::kNoSuchKey);
  const auto part = copy(Plane::SourceRange{3, 4});
  ASSERT_TRUE(part) << part.error().to_string();
  ASSERT_TRUE(complete("k", upload, {.parts = {{1, part->etag, {}}}}));
  EXPECT_EQ(run(get_object(&plane(), ref("k"))).value_or(""), "3456");
  expect_clean();
}

TEST_F(Uploads, of_ten_thousand_parts_complete_in_one_transaction) {
  const Bytes source = make_data(1, kFull);
  ASSERT_TRUE(run(put_object(&plane(), ref("source"), source)));
  const UploadId upload = create("k");
  CompleteOptions options;
  for (uint16_t number = 1; number <= kMaxPartNumber; ++number) {
    const auto part = run(plane().copy_part(operator_caller(), ref("source"), {}, {}, ref("k"), upload, number));
    ASSERT_TRUE(part) << part.error().to_string();
    options.parts.push_back({number, part->etag, {}});
  }
  const rt::Nanos begin = rt::SystemClock::instance().now();
  const auto result = complete("k", upload, std::move(options));
  const rt::Nanos took = rt::SystemClock::instance().now() - begin;
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_EQ(result->size_bytes, kMaxPartNumber * kFull);
  // Generous, for slow machines and sanitizers: it takes some tens of milliseconds.
  EXPECT_LT(took, 5 * rt::kSecond);
  RecordProperty("milliseconds", std::to_string(took / rt::kMillisecond));
  const test::ByteRange range{9'999 * kFull + 7, 100};
  EXPECT_EQ(run(get_object(&plane(), ref("k"), range)).value_or(""), source.substr(7, 100));
  expect_clean();
  ASSERT_TRUE(run(plane().remove(operator_caller(), ref("k"), {})));
  expect_clean();
}

class UploadLists : public Uploads {
 protected:
  void SetUp() override {
    Uploads::SetUp();
    for (const char* key : {"a", "a", "a", "a/", "a/b", "a/b", "a/c/d", "b", "b-c", "b/", "dir/x", "dir/y", "e",
                            "\xc3\xbf"}) {
      uploads_.push_back({key, create(key)});
    }
    std::ranges::sort(uploads_);
  }
  using Entry = std::pair<std::string, UploadId>;

  /// What a page must be, from a sorted list.
  void expect_right(const UploadQuery& query) {
    std::vector<Entry> want;
    std::vector<std::string> want_prefixes;
    bool truncated = false;
    for (const Entry& entry : uploads_) {
      const auto& [key, id] = entry;
      if (!key.starts_with(query.prefix)) continue;
      const std::string group = test::group_of(key, query.prefix, query.delimiter);
      if (!query.key_marker.empty()) {
        if (key < query.key_marker) continue;
        if (key == query.key_marker && !(query.upload_marker && id > *query.upload_marker)) continue;
        if (!query.upload_marker && group == query.key_marker) continue;
      }
      if (!group.empty() && !want_prefixes.empty() && want_prefixes.back() == group) continue;
      if (query.max_entries == 0) break;
      truncated = want.size() + want_prefixes.size() == query.max_entries;
      if (truncated) break;
      if (group.empty()) {
        want.push_back(entry);
      } else {
        want_prefixes.push_back(group);
      }
    }
    const auto page = run(plane().list_uploads(operator_caller(), "volume", query));
    ASSERT_TRUE(page) << page.error().to_string();
    std::vector<Entry> got;
    for (const ListedUpload& listed : page->uploads) got.emplace_back(listed.key, listed.upload);
    EXPECT_EQ(got, want);
    EXPECT_EQ(page->common_prefixes, want_prefixes);
    EXPECT_EQ(page->truncated, truncated) << query.prefix << " " << query.delimiter << " " << query.key_marker;
  }

  std::vector<Entry> uploads_;
};

TEST_F(UploadLists, are_right_at_every_boundary) {
  for (const char* prefix : {"", "a", "a/", "b", "dir/", "zz", "\xc3"}) {
    for (const char* delimiter : {"", "/", "/b", "-"}) {
      for (uint32_t max = 0; max <= uploads_.size() + 1; ++max) {
        UploadQuery query{.prefix = prefix, .delimiter = delimiter, .max_entries = max};
        for (size_t pages = 0; pages <= uploads_.size(); ++pages) {
          expect_right(query);
          const auto page = run(plane().list_uploads(operator_caller(), "volume", query));
          if (!page || !page->truncated) break;
          query.key_marker = page->next_key;
          query.upload_marker = page->next_upload ? std::optional(page->next_upload) : std::nullopt;
          ASSERT_LT(pages, uploads_.size()) << "the pages do not end";
        }
      }
    }
  }
}

TEST_F(UploadLists, start_after_any_marker) {
  for (const char* delimiter : {"", "/"}) {
    for (const char* marker : {"a", "a/", "a/b", "aa", "b", "b/", "dir/", "dir/x", "zz", "\x01"}) {
      expect_right({.delimiter = delimiter, .key_marker = marker});
      for (const auto& [key, id] : uploads_) {
        expect_right({.delimiter = delimiter, .key_marker = key, .upload_marker = id, .max_entries = 3});
      }
      expect_right({.key_marker = marker, .upload_marker = UploadId(UINT64_MAX)});
    }
  }
}

}  // namespace
}  // namespace tp::plane
