#include <gtest/gtest.h>

#include "wire/text/xml_reader.h"
#include "wire/text/xml_writer.h"

namespace tp::wire {
namespace {

TEST(XmlWriter, WritesAListing) {
  Bytes out;
  XmlWriter writer(out);
  writer.declaration();
  writer.open("List", "xmlns=\"urn:x\"");
  writer.element("Key", "a&b<c>\"d\"'e'\r\n\x01\x7f\xc3\xa9");
  writer.element("Size", uint64_t{18});
  writer.element("Count", 3);
  writer.element("IsTruncated", false);
  writer.empty_element("Prefix");
  writer.open("Owner");
  writer.text("x");
  writer.close();
  writer.close();
  EXPECT_EQ(out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<List xmlns=\"urn:x\"><Key>a&amp;b&lt;c&gt;&quot;d&quot;'e'"
            "&#xD;&#xA;&#x1;&#x7F;\xc3\xa9</Key><Size>18</Size><Count>3</Count><IsTruncated>false</IsTruncated>"
            "<Prefix/><Owner>x</Owner></List>");
  EXPECT_EQ(writer.depth(), 0u);
}

TEST(XmlReader, ReadsADeleteRequest) {
  const Result<XmlDocument> document = XmlDocument::parse(
      "\xef\xbb\xbf<?xml version=\"1.0\"?><!-- c --><s3:Delete xmlns:s3=\"urn:x\"><Object a:kind='k&amp;'><Key>a&amp;b"
      "</Key></Object>\n <s3:Object><Key><![CDATA[<x>]]>y</Key><VersionId/></s3:Object><Quiet> true </Quiet>"
      "</s3:Delete>");
  ASSERT_TRUE(document) << document.error().to_string();
  const XmlNode root = document->root();
  EXPECT_EQ(root.name(), "Delete");
  const std::vector<XmlNode> objects = root.children("Object");
  ASSERT_EQ(objects.size(), 2u);
  EXPECT_EQ(objects[0].child_text("Key"), "a&b");
  EXPECT_EQ(objects[0].attribute("kind"), "k&");
  EXPECT_EQ(objects[1].child_text("Key"), "<x>y");
  EXPECT_TRUE(objects[1].child("VersionId"));
  EXPECT_EQ(root.child_text("Quiet"), " true ");
  EXPECT_EQ(root.children().size(), 3u);
  EXPECT_EQ(root.first_child().next_sibling().next_sibling().name(), "Quiet");
}

TEST(XmlReader, ReadsBackWhatTheWriterWrote) {
  std::string key;
  for (int c = 1; c < 128; ++c) key += static_cast<char>(c);
  Bytes out;
  XmlWriter writer(out);
  writer.open("A");
  writer.element("Key", key);
  writer.element("Key", " ");
  writer.element("Key", " \n");
  writer.close();
  const Result<XmlDocument> document = XmlDocument::parse(out);
  ASSERT_TRUE(document) << document.error().to_string();
  const std::vector<XmlNode> keys = document->root().children("Key");
  ASSERT_EQ(keys.size(), 3u);
  EXPECT_EQ(keys[0].text(), key);
  EXPECT_EQ(keys[1].text(), " ");
  EXPECT_EQ(keys[2].text(), " \n");
}

TEST(XmlReader, NavigatesFromNothingToNothing) {
  const XmlNode none;
  EXPECT_FALSE(none);
  EXPECT_FALSE(none.child("x"));
  EXPECT_EQ(none.child_text("x"), "");
  EXPECT_TRUE(none.children().empty());
  EXPECT_EQ(none.name(), "");
  EXPECT_EQ(none.attribute("a"), "");
  EXPECT_FALSE(none.next_sibling());
}

TEST(XmlReader, RefusesBombs) {
  EXPECT_FALSE(XmlDocument::parse("<!DOCTYPE a [<!ENTITY b \"ha\"><!ENTITY c \"&b;&b;\">]><a>&c;</a>"));
  EXPECT_FALSE(XmlDocument::parse("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>"));
  EXPECT_FALSE(XmlDocument::parse("<a>&b;</a>"));
  EXPECT_FALSE(XmlDocument::parse("<a b=\"&b;\"/>"));
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<a>";
  EXPECT_FALSE(XmlDocument::parse(deep));
  std::string nested;
  for (int i = 0; i < 32; ++i) nested += "<a>";
  for (int i = 0; i < 32; ++i) nested += "</a>";
  EXPECT_TRUE(XmlDocument::parse(nested));
  EXPECT_FALSE(XmlDocument::parse("<a>" + nested + "</a>"));
}

TEST(XmlReader, BoundsSizeAndNodes) {
  const Result<XmlDocument> big = XmlDocument::parse("<a>" + std::string(11 * 1024 * 1024, 'x') + "</a>");
  ASSERT_FALSE(big);
  EXPECT_EQ(big.error().code, Code::kTooLarge);
  std::string many = "<a>";
  for (int i = 0; i < 200'000; ++i) many += "<b/>";
  const Result<XmlDocument> refused = XmlDocument::parse(many + "</a>");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kTooLarge);
  std::string attributes = "<a";
  for (int i = 0; i < 200'000; ++i) attributes += " b=''";
  EXPECT_FALSE(XmlDocument::parse(attributes + "/>"));
  std::string pieces = "<a>";
  for (int i = 0; i < 200'000; ++i) pieces += "<![CDATA[]]>";
  EXPECT_FALSE(XmlDocument::parse(pieces + "</a>"));
}

TEST(XmlReader, ScansLongTextInLinearTime) {
  std::string text = "<a>";
  for (int i = 0; i < 90'000; ++i) text += "<b>x</b>";
  EXPECT_TRUE(XmlDocument::parse(text + "</a>"));
}

TEST(XmlReader, RefusesBadXml) {
  using std::string_literals::operator""s;
  for (const std::string& text :
       {""s, "x"s, "<a>"s, "</a>"s, "<a></b>"s, "<a/><b/>"s, "<a><b></a></b>"s, "<a b></a"s, "<a b=\"x></a>"s,
        "<a>\0</a>"s,
        "<a>\xff</a>"s, "<a>&#0;</a>"s, "<a>&#xD800;</a>"s, "<a>&#x110000;</a>"s, "<a>&#;</a>"s, "<a>& </a>"s,
        "<a>&amp</a>"s, "<!-- x"s, "<?xml"s, "<a><![CDATA[x</a>"s, "<a <b></a>"s, "<>"s, "<!ELEMENT a ANY><a/>"s,
        "\xff\xfe<\0a\0/\0>\0"s, "<a>&#99999999999;</a>"s}) {
    EXPECT_FALSE(XmlDocument::parse(text)) << text;
  }
}

}  // namespace
}  // namespace tp::wire
