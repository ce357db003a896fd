#include <gtest/gtest.h>

#include "wire/upload/post_form_parser.h"

namespace tp::wire {
namespace {

constexpr std::string_view kType = "multipart/form-data; boundary=\"--x y\"";

std::string part(std::string_view head, std::string_view content) {
  return "----x y\r\nContent-Disposition: form-data; " + std::string(head) + "\r\n\r\n" + std::string(content) + "\r\n";
}

struct Outcome {
  std::vector<FormField> fields;
  PostFormParser::FilePart file;
  std::string data;
  bool done = false;
};

Result<Outcome> parse(std::string_view body, size_t piece, const PostFormLimits& limits = {}) {
  TP_TRY(PostFormParser parser, PostFormParser::create(kType, limits));
  Outcome outcome;
  bool started = false;
  for (size_t at = 0; at < body.size() && !parser.done();) {
    TP_TRY(const PostFormParser::Step step, parser.next(body.substr(at, piece)));
    EXPECT_TRUE(step.file_data.empty() || started) << "data before the file";
    started = started || step.file_started;
    outcome.data += step.file_data;
    at += step.consumed_bytes;
  }
  outcome.fields = parser.fields();
  if (parser.file()) outcome.file = *parser.file();
  outcome.done = parser.done();
  return outcome;
}

TEST(PostForm, ParsesInEverySplit) {
  const std::string content = "\r\n--\r\n----x \r\n\r----x y\r\n----x z\n\r\n---";
  const std::string body = "preamble\r\n" + part("name=key", "user/${filename}") + part("name=\"a\\\"b\"", "") +
                           part("name=\"x\"", "1\r\n----x\r\n2") +
                           part("name=\"file\"; filename=\"C:\\dir\\a;b.txt\"\r\nContent-Type: text/plain ", content) +
                           part("name=\"late\"", "ignored") + "----x y--\r\n";
  for (size_t piece = 1; piece <= body.size(); ++piece) {
    const Result<Outcome> outcome = parse(body, piece);
    ASSERT_TRUE(outcome) << outcome.error().to_string();
    EXPECT_TRUE(outcome->done);
    ASSERT_EQ(outcome->fields.size(), 3u);
    EXPECT_EQ(outcome->fields[0].value, "user/${filename}");
    EXPECT_EQ(outcome->fields[1].name, "a\"b");
    EXPECT_EQ(outcome->fields[1].value, "");
    EXPECT_EQ(outcome->fields[2].value, "1\r\n----x\r\n2");
    EXPECT_EQ(outcome->file.filename, "a;b.txt");
    EXPECT_EQ(outcome->file.content_type, "text/plain");
    EXPECT_EQ(outcome->data, content) << piece;
  }
}

TEST(PostForm, FindsFieldsInAnyCase) {
  PostFormParser parser = PostFormParser::create(kType).value();
  const std::string body = part("name=Key", "k") + part("name=file", "");
  EXPECT_TRUE(parser.next(body)->file_started);
  EXPECT_EQ(parser.field("kEY"), "k");
  EXPECT_EQ(parser.field("file"), std::nullopt);
  EXPECT_TRUE(parser.file());
}

TEST(PostForm, ReadsAnEmptyFile) {
  const Result<Outcome> outcome = parse(part("name=file; filename=\"\"", "") + "----x y--", 1000);
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->done);
  EXPECT_EQ(outcome->data, "");
}

TEST(PostForm, IsNotDoneWithoutItsEnd) {
  const Result<Outcome> outcome = parse("----x y\r\nContent-Disposition: form-data; name=file\r\n\r\nabc\r\n----x",
  1000);
  ASSERT_TRUE(outcome);
  EXPECT_FALSE(outcome->done);
}

TEST(PostForm, WantsABoundary) {
  for (const char* type : {"", "text/plain", "multipart/form-data", "multipart/form-data; boundary=",
                           "multipart/form-data; boundary", "multipart/form-data; boundary=\"a\r\nb\"",
                           "multipart/mixed; boundary=x", "multipart/form-data; charset=x"}) {
    EXPECT_FALSE(PostFormParser::create(type)) << type;
  }
  EXPECT_FALSE(PostFormParser::create("multipart/form-data; boundary=" + std::string(71, 'x')));
  EXPECT_TRUE(PostFormParser::create("Multipart/Form-Data;charset=utf-8;BOUNDARY=x"));
}

TEST(PostForm, RefusesBadForms) {
  for (const std::string& body :
       {std::string("----x y--\r\n"), std::string("----x yz\r\n"), std::string("----x y\n"), part("nothing=1", "x"),
        part("name=\"\"", "x"), std::string("----x y\r\nno colon\r\n\r\n"), std::string("----x y\r\n\r\n"),
        part("name=a", "b") + "----x y--\r\n"}) {
    EXPECT_FALSE(parse(body, 1000)) << body;
    EXPECT_FALSE(parse(body, 1)) << body;
  }
}

TEST(PostForm, BoundsWhatItKeeps) {
  const auto too_large = [](const std::string& body) {
    const Result<Outcome> outcome = parse(body, 4096);
    return !outcome && outcome.error().code == Code::kTooLarge;
  };
  EXPECT_TRUE(parse(part("name=a", std::string(20 * 1024, 'x')) + part("name=file", ""), 1000));
  EXPECT_TRUE(too_large(part("name=a", std::string(20 * 1024 + 1, 'x'))));
  EXPECT_TRUE(too_large(part("name=" + std::string(9000, 'x'), "")));
  std::string many;
  for (int i = 0; i < 201; ++i) many += part("name=a", "");
  EXPECT_TRUE(too_large(many));
  std::string big;
  for (int i = 0; i < 60; ++i) big += part("name=a", std::string(20 * 1024, 'x'));
  EXPECT_TRUE(too_large(big));
  EXPECT_TRUE(too_large("----x y" + std::string(300, ' ')));
}

}  // namespace
}  // namespace tp::wire
