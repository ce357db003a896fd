// What listings are made of: names, times, tokens, markers, pages.
#include <gtest/gtest.h>

#include "front/s3/list/list_page_writer.h"
#include "front/s3/list/list_params.h"
#include "front/s3/list/list_text.h"
#include "front/s3/list/list_token.h"
#include "wire/text/xml_reader.h"

namespace tp::s3 {
namespace {

class OneUser final : public plane::UserDirectory {
 public:
  std::shared_ptr<const plane::Credential> find_access_key(std::string_view) const override { return nullptr; }
  std::optional<meta::UserRecord> find_user(std::string_view user_id) const override {
    ++lookups;
    if (user_id != "id-1") return std::nullopt;
    meta::UserRecord user;
    user.id = "id-1";
    user.name = "Ann <a>";
    return user;
  }
  std::optional<meta::UserRecord> find_email(std::string_view) const override { return std::nullopt; }
  std::optional<meta::UserRecord> find_uid(uint32_t) const override { return std::nullopt; }
  std::vector<meta::UserRecord> list() const override { return {}; }
  Task<meta::UserRecord> add(meta::UserRecord) override { co_return fail(Code::kNotImplemented, "no"); }
  Task<meta::UserRecord> set(std::string, plane::UserChange) override { co_return fail(Code::kNotImplemented, "no"); }
  Task<void> remove(std::string) override { co_return fail(Code::kNotImplemented, "no"); }

  mutable int lookups = 0;
};

TEST(ListToken, GoesThereAndBackForAnyKey) {
  std::string every_byte;
  for (int c = 0; c < 256; ++c) every_byte += static_cast<char>(c);
  for (const std::string& key : {std::string(), std::string("a"), std::string("photos/2026/"), every_byte}) {
    for (const bool is_prefix : {false, true}) {
      const std::string text = encode_list_token({key, is_prefix});
      EXPECT_EQ(text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"),
                std::string::npos);
      const auto token = decode_list_token(text);
      ASSERT_TRUE(token.has_value());
      EXPECT_EQ(token->last, key);
      EXPECT_EQ(token->last_is_prefix, is_prefix);
    }
  }
}

TEST(ListToken, EveryEditIsNoticed) {
  const std::string text = encode_list_token({"photos/cat.jpg", false});
  for (size_t i = 0; i < text.size(); ++i) {
    std::string edited = text;
    edited[i] = edited[i] == 'A' ? 'B' : 'A';
    const auto token = decode_list_token(edited);
    EXPECT_FALSE(token.has_value()) << i;
    EXPECT_FALSE(decode_list_token(text.substr(0, i)).has_value()) << i;
  }
  EXPECT_FALSE(decode_list_token(text + "A").has_value());
  EXPECT_FALSE(decode_list_token("1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=").has_value());
  EXPECT_FALSE(decode_list_token(std::string(100'000, 'A')).has_value());
}

TEST(ListText, EncodesNamesAsS3Does) {
  Bytes out;
  append_listing_encoded(out, "a/b c+d%é~(3)*_-.");
  EXPECT_EQ(out, "a/b%20c%2Bd%25%C3%A9%7E%283%29*_-.");
}

TEST(ListText, NamesAreEscapedOrEncodedAndTimesAreWholeSeconds) {
  Bytes out;
  ListText plain(out, false);
  plain.name_element("Key", "a<&\r");
  ListText encoded(out, true);
  encoded.name_element("Key", "a<&\r");
  EXPECT_EQ(out, "<Key>a&lt;&amp;&#xD;</Key><Key>a%3C%26%0D</Key>");
  out.clear();
  plain.time_element("T", 1'795'413'600 * rt::kSecond + 999'999'999);
  plain.time_element("T", 1'795'413'600 * rt::kSecond);
  plain.time_element("T", 1'795'413'601 * rt::kSecond);
  plain.time_element("T", -5);
  EXPECT_EQ(out,
            "<T>2026-11-23T06:00:00.000Z</T><T>2026-11-23T06:00:00.000Z</T><T>2026-11-23T06:00:01.000Z</T>"
            "<T>1970-01-01T00:00:00.000Z</T>");
}

TEST(ListParams, AMarkerWithinACommonPrefixSkipsAllOfIt) {
  ListParams params;
  params.prefix = "p/";
  params.delimiter = "/";
  EXPECT_EQ(query_after(params, "p/a").after, "p/a");
  EXPECT_FALSE(query_after(params, "p/a").after_is_prefix);
  EXPECT_EQ(query_after(params, "p/a/").after, "p/a/");
  EXPECT_TRUE(query_after(params, "p/a/").after_is_prefix);
  EXPECT_EQ(query_after(params, "p/a/b/c").after, "p/a/");
  EXPECT_TRUE(query_after(params, "p/a/b/c").after_is_prefix);
  EXPECT_FALSE(query_after(params, "o/a/b").after_is_prefix) << "not under the prefix";
  params.delimiter = "";
  EXPECT_FALSE(query_after(params, "p/a/b").after_is_prefix);
}

plane::ListPage sample_page() {
  plane::ListPage page;
  plane::ListedObject object;
  object.key = "a&b";
  object.size_bytes = 12;
  object.modified = 1'795'413'600 * rt::kSecond;
  object.etag = "900150983cd24fb0d6963f7d28e17f72";
  object.owner = "id-1";
  object.checksum_algorithm = ChecksumAlgorithm::kCrc32c;
  page.objects.push_back(object);
  object.key = "second";
  object.storage_class = "GLACIER";
  object.checksum_algorithm = ChecksumAlgorithm::kNone;
  page.objects.push_back(object);
  object.owner = "gone";
  page.objects.push_back(object);
  page.common_prefixes = {"dir/"};
  return page;
}

TEST(ListPageWriter, WritesWhatClientsRead) {
  Bytes out = "<r>";
  ListText text(out, false);
  const OneUser users;
  ListPageWriter writer(out, text, users);
  const plane::ListPage page = sample_page();
  writer.contents(page, true);
  writer.common_prefixes(page.common_prefixes);
  out += "</r>";
  const auto document = wire::XmlDocument::parse(out);
  ASSERT_TRUE(document.has_value());
  const auto objects = document->root().children("Contents");
  ASSERT_EQ(objects.size(), 3u);
  EXPECT_EQ(objects[0].child_text("Key"), "a&b");
  EXPECT_EQ(objects[0].child_text("ETag"), "\"900150983cd24fb0d6963f7d28e17f72\"");
  EXPECT_EQ(objects[0].child_text("Size"), "12");
  EXPECT_EQ(objects[0].child_text("LastModified"), "2026-11-23T06:00:00.000Z");
  EXPECT_EQ(objects[0].child_text("StorageClass"), "STANDARD");
  EXPECT_EQ(objects[0].child_text("ChecksumAlgorithm"), "CRC32C");
  EXPECT_EQ(objects[0].child_text("ChecksumType"), "FULL_OBJECT");
  EXPECT_EQ(objects[0].child("Owner").child_text("DisplayName"), "Ann <a>");
  EXPECT_EQ(objects[1].child_text("StorageClass"), "GLACIER");
  EXPECT_FALSE(objects[1].child("ChecksumAlgorithm"));
  EXPECT_EQ(objects[2].child("Owner").child_text("ID"), "gone");
  EXPECT_EQ(document->root().child("CommonPrefixes").child_text("Prefix"), "dir/");
  EXPECT_EQ(users.lookups, 2) << "neighbours with one owner need one look";
}

TEST(ListPageWriter, ThePageFitsItsEstimate) {
  plane::ListPage page;
  plane::ListedObject object = sample_page().objects[0];
  for (int i = 0; i < 1000; ++i) {
    object.key = "some/quite/ordinary/key/" + std::to_string(i);
    page.objects.push_back(object);
  }
  Bytes out;
  out.reserve(estimate_page_bytes(page));
  const char* before = out.data();
  ListText text(out, false);
  const OneUser users;
  ListPageWriter(out, text, users).contents(page, true);
  EXPECT_EQ(out.data(), before) << out.size() << " bytes did not fit " << estimate_page_bytes(page);
}

}  // namespace
}  // namespace tp::s3
