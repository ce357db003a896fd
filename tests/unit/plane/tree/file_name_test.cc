// Names as they are shown, and back: of every name, also of random bytes.
#include "plane/tree/file_name.h"

#include <gtest/gtest.h>

#include <set>

#include "plane/tree/listing/name_hash.h"
#include "unit/plane/tree/files_fixture.h"
#include "wire/text/utf8.h"

namespace tp::test {
namespace {

using plane::parse_shown_name;
using plane::shown_directory_name;
using plane::shown_file_name;
using plane::ShownName;
using Strings = std::vector<std::string>;

constexpr InodeId kInode(0x123456789abcdef0);

TEST(FileName, IsShownAsItIsUnlessPosixForbidsIt) {
  for (const std::string plain : {"a", "...", "a~s", "~s3 ", "\xff\xfe", "name with spaces"}) {
    EXPECT_EQ(shown_file_name(plain, kInode, false), plain);
    EXPECT_EQ(shown_directory_name(plain, kInode), plain);
    EXPECT_EQ(shown_file_name(plain, kInode, true), plain + "~s3f");
  }
  for (const std::string odd : {"", ".", "..", "a~s3", "a~s3f", "a~s3l", "~s3"}) {
    EXPECT_EQ(shown_file_name(odd, kInode, false), odd + "~s3");
    EXPECT_EQ(shown_directory_name(odd, kInode), odd + "~s3");
    EXPECT_EQ(shown_file_name(odd, kInode, true), odd + "~s3f");
  }
  EXPECT_EQ(shown_file_name(std::string(255, 'x'), kInode, false), std::string(255, 'x'));
}

TEST(FileName, ThatIsTooLongEndsInWhatFindsIt) {
  std::string umlauts;
  for (int i = 0; i < 200; ++i) umlauts += "\xe2\x82\xac";
  for (const std::string& stored : {std::string(256, 'x'), std::string(1024, '~'), std::string("a\0b", 3), umlauts}) {
    const Bytes shown = shown_file_name(stored, kInode, false);
    EXPECT_LE(shown.size(), 255u);
    EXPECT_TRUE(wire::is_valid_utf8(shown));
    const ShownName parsed = parse_shown_name(shown);
    EXPECT_EQ(parsed.kind, ShownName::Kind::kByInode);
    EXPECT_EQ(parsed.inode, kInode);
    EXPECT_NE(shown_directory_name(stored, kInode), shown);
    EXPECT_EQ(shown_file_name(stored, kInode, true), shown);
  }
  EXPECT_EQ(parse_shown_name(shown_file_name(std::string(253, 'x'), kInode, true)).kind, ShownName::Kind::kByInode);
  EXPECT_EQ(parse_shown_name("~s3l").inode, InodeId());
  EXPECT_EQ(parse_shown_name(std::string(40, 'g') + "~s3l").inode, InodeId());
}

/// Whether `shown` leads back to this name and to nothing else.
bool leads_back(BytesView shown, BytesView stored, bool beside) {
  const ShownName parsed = parse_shown_name(shown);
  switch (parsed.kind) {
    case ShownName::Kind::kPlain:
      return !beside && parsed.stored == stored && shown == stored;
    case ShownName::Kind::kEscaped:
      return !beside && parsed.stored == stored;
    case ShownName::Kind::kBesideDirectory:
      return beside && parsed.stored == stored;
    case ShownName::Kind::kByInode:
      return parsed.inode == kInode;
  }
  return false;
}

TEST(FileName, OfRandomBytesLeadsBackAndStandsAlone) {
  rt::Rng rng(20261123);
  const Strings pieces = {
      "~s3", "~s3f", "~s3l", ".", "a", "b", "\xc3\xa4", "\xff", Bytes(1, '\0'), "/", "0123456789abcdef"};
  std::set<std::string> stored_names;
  for (int i = 0; i < 20000; ++i) {
    std::string stored;
    const uint64_t count = rng.below(i % 10 == 0 ? 150 : 4);
    for (uint64_t k = 0; k < count; ++k) {
      if (rng.below(3) == 0)
        stored.push_back(static_cast<char>(rng.next()));
      else
        stored += pieces[rng.below(pieces.size())];
    }
    std::erase(stored, '/');
    stored_names.insert(stored);
  }
  std::set<std::string> shown_names;
  for (const std::string& stored : stored_names) {
    for (const int kind : {0, 1, 2}) {
      const Bytes shown = kind == 0 ? shown_directory_name(stored, kInode) : shown_file_name(stored, kInode, kind == 2);
      ASSERT_FALSE(shown.empty());
      ASSERT_LE(shown.size(), 255u);
      ASSERT_EQ(shown.find('\0'), Bytes::npos);
      ASSERT_NE(shown, ".");
      ASSERT_NE(shown, "..");
      ASSERT_TRUE(leads_back(shown, stored, kind == 2)) << to_hex(stored);
      // A file and a directory of one name are never there without the file being beside.
      if (kind == 0 || (kind == 2 && parse_shown_name(shown).kind != ShownName::Kind::kByInode)) {
        ASSERT_TRUE(shown_names.insert(shown).second) << to_hex(stored);
      }
    }
  }
  EXPECT_GT(shown_names.size(), 10000u);
}

TEST(FileName, HashIsSipHash) {
  // The vectors of its authors: key 00 01 .. 0f, bytes 00 01 02 ...
  const plane::HashKey key{0x0706050403020100, 0x0f0e0d0c0b0a0908};
  EXPECT_EQ(plane::sip_hash(key, ""), 0x726fdb47dd0e0e31u);
  EXPECT_EQ(plane::sip_hash(key, Bytes(1, '\0')), 0x74f839c593dc67fdu);
  Bytes bytes;
  for (int i = 0; i < 15; ++i) bytes.push_back(static_cast<char>(i));
  EXPECT_EQ(plane::sip_hash(key, bytes), 0xa129ca6149be45e5u);
}

using FileNamesOfS3 = FilesFixture;

TEST_F(FileNamesOfS3, AreAllShownAndAllLeadSomewhere) {
  const std::string long_name(700, 'l'), nul("a\0b", 3);
  const std::string nearly(253, 'z');
  const Strings made = {"a",   "a/b",      "a.x",  "a-/y",       "d/",    "d//e",   "./f",     "../g",
                        "h/.", "i/..",     "j~s3", "k~s3f",      "m~s3l", "j~s3/n", long_name, long_name + "/p",
                        nul,   nul + "/q", nearly, nearly + "/r"};
  for (const std::string& key : made) ASSERT_TRUE(put(key, "of " + key)) << key;
  // Walks everything by the names it is given.
  std::set<std::string> bytes;
  std::vector<FileId> open = {root()};
  while (!open.empty()) {
    const FileId directory = open.back();
    open.pop_back();
    std::set<std::string> seen;
    for (const uint32_t page_size : {1u, 2u, 1000u}) {
      for (const auto& entry : entries(directory, page_size)) {
        ASSERT_TRUE(plane::check_name(entry.name)) << entry.name;
        auto found = look(directory, entry.name);
        ASSERT_TRUE(found) << entry.name;
        EXPECT_EQ(found->file, entry.attributes.file) << entry.name;
        if (page_size != 1) continue;
        EXPECT_TRUE(seen.insert(entry.name).second) << entry.name;
        if (found->type == meta::InodeType::kDirectory)
          open.push_back(found->file);
        else
          bytes.insert(std::to_string(found->file.inode.value));
      }
    }
  }
  EXPECT_EQ(bytes.size(), made.size());
  EXPECT_EQ(find("a~s3f")->size_bytes, 4u);
  EXPECT_EQ(find("a")->type, meta::InodeType::kDirectory);
  EXPECT_EQ(find("d/~s3")->type, meta::InodeType::kDirectory);
  EXPECT_EQ(find("d/~s3f")->size_bytes, 5u);
  EXPECT_TRUE(find("~s3").error().code == Code::kNotFound);
  EXPECT_TRUE(find(".~s3/f") && find("..~s3/g") && find("h/.~s3") && find("i/..~s3"));
  EXPECT_TRUE(failed_with(find("a.x~s3f"), Code::kNotFound));
  EXPECT_TRUE(failed_with(find("a.x~s3"), Code::kNotFound));
}

TEST_F(FileNamesOfS3, CanBeChangedThroughTheirEscapes) {
  ASSERT_TRUE(put("a", "file"));
  ASSERT_TRUE(put("a/b", "below"));
  ASSERT_TRUE(put("c/", "empty name"));
  const std::string long_name(500, 'l');
  ASSERT_TRUE(put(long_name, "long"));
  ASSERT_TRUE(link(find("a~s3f")->file, root(), "linked"));
  ASSERT_TRUE(move(root(), "a~s3f", root(), "plain"));
  EXPECT_EQ(*get("plain"), "file");
  EXPECT_TRUE(failed_with(find("a~s3f"), Code::kNotFound));
  std::string shown;
  for (const std::string& name : names(root())) {
    if (name.starts_with("ll")) shown = name;
  }
  ASSERT_TRUE(move(root(), "plain", root(), shown));
  EXPECT_EQ(*get(long_name), "file");
  ASSERT_TRUE(put("b", "twin"));
  ASSERT_TRUE(put("b/x", "twin"));
  EXPECT_TRUE(failed_with(make_directory(root(), "b~s3f"), Code::kAlreadyExists));
  ASSERT_TRUE(unlink(root(), "b~s3f"));
  ASSERT_TRUE(unlink(find("c")->file, "~s3"));
  EXPECT_EQ(keys(), (Strings{"a/b", "b/x", "linked", long_name}));
  EXPECT_EQ(damage(), "");
}

}  // namespace
}  // namespace tp::test
