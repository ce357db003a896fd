// Cache volumes in a store: they come with an engine, are warm after a restart, go with all they hold, and their
// entries are objects and files that can only be read.
#include <algorithm>

#include "plane/reason.h"
#include "store_fixture.h"

namespace tp::server {
namespace {

using plane::Reason;

class CacheVolumeTest : public test::StoreFixture {
 protected:
  cache::Space& home() {
    auto engine = this->engine("kv-test");
    auto space = engine->space(engine->profile().identity, "root");
    EXPECT_TRUE(space);
    return **space;
  }
  void put(const std::string& key, const std::string& value) {
    const BytesView view = key;
    auto section = engine("kv-test")->write_section(home(), std::span(&view, 1));
    EXPECT_TRUE(section->put(key, cache::Value::copy_of(value), {}));
  }
  void erase(const std::string& key) {
    const BytesView view = key;
    EXPECT_TRUE(engine("kv-test")->write_section(home(), std::span(&view, 1))->erase(key));
  }
  plane::ObjectRef ref(const std::string& key) { return {"kv-test", key}; }
  Result<Bytes> get(const std::string& key, plane::Caller caller = test::root_caller()) {
    TP_TRY(auto reader, run(plane().open_reader(std::move(caller), ref(key))));
    TP_TRY(auto region, run(reader->next()));
    return Bytes(region.bytes);
  }
  template <class T>
  void read_only(const Result<T>& result) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().reason, static_cast<uint16_t>(Reason::kReadOnlyVolume)) << result.error().to_string();
  }
  plane::Files& files() { return plane().files(); }
  plane::FileId root() { return *files().root("kv-test"); }
  plane::FileCaller anybody() {
    plane::FileCaller caller;
    caller.uid = caller.gid = meta::kNobody;
    return caller;
  }
};

TEST_F(CacheVolumeTest, EntriesAreObjects) {
  make_volume("kv-test");
  put("dir/a", "value a");
  put("b", "");
  EXPECT_EQ(*get("dir/a"), "value a");
  EXPECT_EQ(*get("b"), "");
  EXPECT_EQ(get("c").error().reason, static_cast<uint16_t>(Reason::kNoSuchKey));
  const auto page = run(plane().list(test::root_caller(), "kv-test", {}));
  ASSERT_TRUE(page);
  ASSERT_EQ(page->objects.size(), 2u);
  EXPECT_EQ(page->objects[0].key, "b");
  EXPECT_EQ(page->objects[1].size_bytes, 7u);
  const auto before = run(plane().stat(test::root_caller(), ref("b")));
  put("b", "new");
  const auto after = run(plane().stat(test::root_caller(), ref("b")));
  EXPECT_NE((*before)->record.etag, (*after)->record.etag);
  EXPECT_LT((*before)->record.changed, (*after)->record.changed);
  erase("b");
  EXPECT_EQ(get("b").error().code, Code::kNotFound);
}

TEST_F(CacheVolumeTest, StrangersSeeNothing) {
  make_volume("kv-test");
  put("a", "v");
  plane::Caller stranger;
  stranger.user_id = "stranger";
  EXPECT_EQ(get("a", stranger).error().code, Code::kPermissionDenied);
  EXPECT_EQ(get("none", stranger).error().code, Code::kPermissionDenied);
  EXPECT_EQ(run(plane().list(stranger, "kv-test", {})).error().code, Code::kPermissionDenied);
}

TEST_F(CacheVolumeTest, NothingIsChangedThroughTheTree) {
  make_volume("kv-test");
  put("a", "v");
  ASSERT_TRUE(run(plane().create_volume(test::root_caller(), "a-tree", {})));
  const auto root_user = test::root_caller();
  read_only(run(plane().open_writer(root_user, ref("a"), {})));
  read_only(run(plane().remove(root_user, ref("a"), {})));
  read_only(run(plane().rename(root_user, "kv-test", "a", "b", {}, {})));
  read_only(run(plane().set_tags(root_user, ref("a"), {{"k", "v"}})));
  read_only(run(plane().create_upload(root_user, ref("a"), {})));
  EXPECT_EQ(run(plane().copy(root_user, ref("a"), {"a-tree", "a"}, {})).error().code, Code::kNotImplemented);
  const auto many = run(plane().remove_many(root_user, "kv-test", {{"a", {}}}));
  ASSERT_TRUE(many);
  read_only((*many)[0]);
  read_only(run(files().create(anybody(), root(), "f", {})));
  read_only(run(files().make_directory(anybody(), root(), "d", {})));
  read_only(run(files().remove(anybody(), root(), "a")));
  plane::OpenRequest write;
  write.permissions = plane::kMayWrite;
  read_only(run(files().open(anybody(), root(), "a", write)));
  EXPECT_EQ(*get("a"), "v");
}

TEST_F(CacheVolumeTest, EntriesAreFiles) {
  make_volume("kv-test");
  put("top", "12345");
  put("dir/inner", "x");
  put("dir//odd", "y");
  const auto page = run(files().read_directory(anybody(), root(), 0, 100, true));
  ASSERT_TRUE(page) << page.error().to_string();
  ASSERT_EQ(page->entries.size(), 2u);
  EXPECT_TRUE(page->end);
  EXPECT_EQ(page->entries[0].name, "dir");
  EXPECT_EQ(page->entries[1].name, "top");
  EXPECT_EQ(page->entries[1].attributes.size_bytes, 5u);
  EXPECT_EQ(page->entries[1].attributes.mode, 0444u);
  EXPECT_EQ(page->entries[0].attributes.mode, 0555u);

  const auto dir = run(files().lookup(anybody(), root(), "dir"));
  ASSERT_TRUE(dir);
  EXPECT_EQ(dir->file, page->entries[0].attributes.file);
  EXPECT_EQ(run(files().lookup(anybody(), dir->file, ".."))->file, root());
  const auto inner = run(files().lookup(anybody(), dir->file, "inner"));
  ASSERT_TRUE(inner);
  // A name that POSIX cannot have is escaped, and found again by its escape.
  const auto inside = run(files().read_directory(anybody(), dir->file, 0, 100, false));
  ASSERT_EQ(inside->entries.size(), 2u);
  EXPECT_EQ(inside->entries[0].name, "~s3");
  const auto odd = run(files().lookup(anybody(), dir->file, "~s3"));
  ASSERT_TRUE(odd) << odd.error().to_string();
  EXPECT_TRUE(run(files().lookup(anybody(), odd->file, "odd")));
  EXPECT_EQ(run(files().lookup(anybody(), root(), "none")).error().code, Code::kNotFound);

  const auto read = run(files().read(anybody(), inner->file, 0, 100, plane::AccessCheck::kByMode));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->regions[0].bytes, "x");
  EXPECT_TRUE(read->end_of_file);
  erase("dir/inner");
  EXPECT_EQ(run(files().attributes(inner->file)).error().reason, static_cast<uint16_t>(Reason::kStale));
  EXPECT_EQ(run(files().read(anybody(), inner->file, 0, 100, plane::AccessCheck::kByMode)).error().reason,
            static_cast<uint16_t>(Reason::kStale));
}

TEST_F(CacheVolumeTest, AFileBesideADirectoryOfItsNameIsShownToo) {
  make_volume("kv-test");
  put("a", "file");
  put("a/b", "inside");
  const auto page = run(files().read_directory(anybody(), root(), 0, 100, false));
  ASSERT_EQ(page->entries.size(), 2u);
  EXPECT_EQ(page->entries[0].name, "a~s3f");
  EXPECT_EQ(page->entries[1].name, "a");
  const auto file = run(files().lookup(anybody(), root(), "a~s3f"));
  ASSERT_TRUE(file);
  EXPECT_EQ(file->size_bytes, 4u);
  EXPECT_EQ(run(files().lookup(anybody(), root(), "a"))->type, meta::InodeType::kDirectory);
}

TEST_F(CacheVolumeTest, DirectoriesAreReadOnFromEveryCookie) {
  make_volume("kv-test");
  for (int i = 0; i < 100; ++i) put("k" + std::to_string(100 + i), "x");
  uint64_t cookie = 0;
  std::vector<Bytes> names;
  for (bool end = false; !end && names.size() < 200;) {
    const auto page = run(files().read_directory(anybody(), root(), cookie, 7, false));
    ASSERT_TRUE(page) << page.error().to_string();
    // As a client that had room for one entry less.
    for (size_t i = 0; i < page->entries.size() && (i == 0 || i + 1 < page->entries.size() || page->end); ++i) {
      names.push_back(page->entries[i].name);
      cookie = page->entries[i].cookie;
      end = page->end && i + 1 == page->entries.size();
    }
  }
  ASSERT_EQ(names.size(), 100u);
  EXPECT_TRUE(std::ranges::is_sorted(names));
}

TEST_F(CacheVolumeTest, ItIsWarmAfterARestartAndKeepsItsSettings) {
  make_volume("kv-test", test::root_caller(), R"({"capacity": "64MiB", "dram": "16MiB"})");
  put("a", "value");
  plane::VolumeChange change;
  change.cache_settings = R"({"dram": "24MiB"})";
  ASSERT_TRUE(run(plane().set_volume(test::root_caller(), "kv-test", std::move(change))));
  EXPECT_EQ(engine("kv-test")->settings().dram_bytes, 24u << 20);
  reopen();
  ASSERT_NE(engine("kv-test"), nullptr);
  EXPECT_EQ(engine("kv-test")->settings().dram_bytes, 24u << 20);
  EXPECT_EQ(*get("a"), "value");
}

TEST_F(CacheVolumeTest, ItGoesWithAllItHolds) {
  make_volume("kv-test", test::root_caller(), R"({"capacity": "64MiB", "dram": "16MiB"})");
  put("a", "value");
  const auto id = (*plane().volume("kv-test"))->id;
  ASSERT_TRUE(run(plane().delete_volume(test::root_caller(), "kv-test")));
  EXPECT_EQ(engine("kv-test"), nullptr);
  EXPECT_FALSE(plane().volume("kv-test"));
  const auto folder = directory_ / "cache" / std::to_string(id.value);
  EXPECT_TRUE(!std::filesystem::exists(folder) || std::filesystem::is_empty(folder));
  make_volume("kv-test");
  EXPECT_EQ(get("a").error().code, Code::kNotFound) << "of the volume that had this name";
}

TEST_F(CacheVolumeTest, FilesOfAVolumeThatIsGoneGoAtTheNextStart) {
  const auto folder = directory_ / "cache" / "4711";
  std::filesystem::create_directories(folder);
  std::filesystem::copy_file("/proc/self/comm", folder / "left-over");
  reopen();
  EXPECT_FALSE(std::filesystem::exists(folder / "left-over"));
}

TEST_F(CacheVolumeTest, OneThatCannotBeOpenedDoesNotStopTheOthers) {
  make_volume("kv-test", test::root_caller(), R"({"capacity": "64MiB", "dram": "16MiB"})");
  make_volume("kv-good");
  const auto folder = directory_ / "cache" / std::to_string((*plane().volume("kv-test"))->id.value);
  store_.reset();
  std::filesystem::remove_all(folder);
  std::filesystem::copy_file("/proc/self/comm", folder);  // a file where the directory should be
  open();
  EXPECT_EQ(engine("kv-test"), nullptr);
  EXPECT_NE(engine("kv-good"), nullptr);
  EXPECT_EQ(store_->cache_volumes()->engine("kv-test").error().code, Code::kUnavailable);
  EXPECT_EQ(get("a").error().code, Code::kUnavailable);
  // And it can be removed.
  EXPECT_TRUE(run(plane().delete_volume(test::root_caller(), "kv-test")));
}

TEST_F(CacheVolumeTest, OnlyTheOperatorMakesOneAndTreesHaveNoSettings) {
  plane::Caller user;
  user.user_id = "somebody";
  plane::CreateVolumeOptions options;
  options.kind = meta::VolumeKind::kCache;
  EXPECT_EQ(run(plane().create_volume(user, "kv-test", options)).error().code, Code::kPermissionDenied);
  options.cache_settings = R"({"dram": 1})";
  EXPECT_EQ(run(plane().create_volume(test::root_caller(), "kv-test", options)).error().code, Code::kInvalidArgument);
  EXPECT_FALSE(plane().volume("kv-test"));
  ASSERT_TRUE(run(plane().create_volume(test::root_caller(), "a-tree", {})));
  plane::VolumeChange change;
  change.cache_settings = "{}";
  EXPECT_EQ(run(plane().set_volume(test::root_caller(), "a-tree", std::move(change))).error().code,
            Code::kInvalidArgument);
}

}  // namespace
}  // namespace tp::server
