// The readers: what they give, and what they refuse with the number of the line.
#include "cache/sim/trace.h"

#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>

namespace tp::cache::sim {
namespace {

class Traces : public testing::Test {
 protected:
  ~Traces() override { std::filesystem::remove_all(directory_); }
  std::string file(const std::string& text) {
    std::filesystem::create_directories(directory_);
    const std::string path = directory_ + "/trace" + std::to_string(++files_);
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  std::string gzip(const std::string& text) {
    std::filesystem::create_directories(directory_);
    const std::string path = directory_ + "/trace" + std::to_string(++files_) + ".gz";
    const gzFile out = gzopen(path.c_str(), "wb");
    EXPECT_EQ(gzwrite(out, text.data(), static_cast<unsigned>(text.size())), static_cast<int>(text.size()));
    gzclose(out);
    return path;
  }
  static Result<std::vector<TraceRequest>> read(const std::string& path, const TraceOptions& options = {}) {
    TP_TRY(const auto reader, TraceReader::open(path, options));
    std::vector<TraceRequest> requests;
    while (true) {
      TraceRequest request;
      TP_TRY(const bool any, reader->next(&request));
      if (!any) return requests;
      requests.push_back(std::move(request));
    }
  }
  void expect_refused(const std::string& text, const std::string& line) {
    const auto got = read(file(text));
    ASSERT_FALSE(got) << text;
    EXPECT_EQ(got.error().code, Code::kMalformed) << text;
    EXPECT_NE(got.error().message.find(":" + line + ":"), std::string::npos) << got.error().message;
  }

 private:
  std::string directory_ = testing::TempDir() + "/tp-traces-" + std::to_string(::getpid());
  int files_ = 0;
};

const std::string kMooncake =
    "{\"timestamp\": 0, \"input_length\": 600, \"output_length\": 5, \"hash_ids\": [7, 8]}\n"
    "\n"
    "{\"timestamp\": 1500, \"input_length\": 1024, \"output_length\": 9, \"hash_ids\": [7, 9]}";

TEST_F(Traces, MooncakeLinesAreRequestsPlainAndGzip) {
  for (const std::string& path : {file(kMooncake), gzip(kMooncake)}) {
    const auto got = read(path);
    ASSERT_TRUE(got) << got.error().message;
    ASSERT_EQ(got->size(), 2u);
    EXPECT_EQ((*got)[0].blocks, (std::vector<uint64_t>{7, 8}));
    EXPECT_EQ((*got)[0].input_tokens, 600u);
    EXPECT_EQ((*got)[1].output_tokens, 9u);
    EXPECT_DOUBLE_EQ((*got)[1].seconds, 1.5);
  }
}

TEST_F(Traces, MalformedMooncakeLinesAreRefusedWithTheirNumber) {
  expect_refused("{\n", "1");
  expect_refused(kMooncake + "\nrubbish\n", "4");
  expect_refused(kMooncake + "\n[1]\n", "4");
  for (const char* line : {
           R"({"input_length": 1, "hash_ids": [1]})",
           R"({"timestamp": -1, "input_length": 1, "hash_ids": [1]})",
           R"({"timestamp": 9999, "input_length": -1, "hash_ids": [1]})",
           R"({"timestamp": 9999, "input_length": 1})",
           R"({"timestamp": 9999, "input_length": 1, "hash_ids": [-1]})",
           R"({"timestamp": 9999, "input_length": 1, "hash_ids": ["a"]})",
           R"({"timestamp": 9999, "input_length": 1, "hash_ids": [1, 2]})",
           R"({"timestamp": 9999, "input_length": 513, "hash_ids": [1]})",
           R"({"timestamp": 9999, "input_length": 1, "output_length": "x", "hash_ids": [1]})",
           R"({"timestamp": 3, "input_length": 1, "hash_ids": [1]})",
       }) {
    expect_refused(kMooncake + "\n" + line + "\n", "4");
  }
}

TEST_F(Traces, ConversationsOverlapInTheOrderOfTime) {
  const auto got = read(file(
      R"({"id": "a", "block_size": 64, "start": 1, "requests": [{"t": 0, "in": 100, "out": 3, "runs": [0, 2]}, )"
      R"({"t": 20, "in": 200, "out": 3, "runs": [0, 1, 5, 3], )"
      R"("requests": [{"t": 21, "in": 64, "out": 1, "runs": [9, 1]}]}]})"
      "\n"
      R"({"id": "b", "block_size": 64, "start": 5, "requests": [{"t": 0.5, "in": 100, "out": 3, "runs": [0, 2]}]})"));
  ASSERT_TRUE(got) << got.error().message;
  ASSERT_EQ(got->size(), 4u);
  EXPECT_DOUBLE_EQ((*got)[0].seconds, 1);
  EXPECT_DOUBLE_EQ((*got)[1].seconds, 5.5);
  EXPECT_DOUBLE_EQ((*got)[2].seconds, 21);
  EXPECT_DOUBLE_EQ((*got)[3].seconds, 22);
  EXPECT_EQ((*got)[2].blocks.size(), 4u);
  EXPECT_EQ((*got)[2].blocks[0], (*got)[0].blocks[0]) << "the same block of the same conversation";
  EXPECT_NE((*got)[1].blocks[0], (*got)[0].blocks[0]) << "another conversation's block 0";
}

TEST_F(Traces, MalformedConversationsAreRefusedWithTheirNumber) {
  const std::string good = R"({"requests": [{"t": 0, "in": 1, "out": 1, "runs": [0, 1]}]})";
  ASSERT_TRUE(read(file(good)));
  for (const char* line : {
           R"({"id": 1})",
           R"({"requests": 7})",
           R"({"requests": [7]})",
           R"({"requests": [{"t": 0, "in": 1}]})",
           R"({"requests": [{"t": 0, "in": 1, "runs": [0]}]})",
           R"({"requests": [{"t": 0, "in": 1, "runs": [0, -1]}]})",
           R"({"requests": [{"t": 0, "in": 1, "runs": [0, 99999999999]}]})",
           R"({"requests": [{"t": 0, "in": 1, "runs": [18446744073709551615, 2]}]})",
           R"({"requests": [{"t": -5, "in": 1, "runs": [0, 1]}]})",
           R"({"requests": [{"in": 1, "runs": [0, 1]}]})",
           R"({"block_size": 0, "requests": []})",
           R"({"block_size": 16, "requests": []})",
           R"({"start": -1, "requests": []})",
       }) {
    expect_refused(good + "\n" + line + "\n", "2");
  }
  std::string nested = R"({"t": 0, "in": 1, "runs": [0, 1]})";
  for (int depth = 0; depth < 40; ++depth) nested = R"({"requests": [)" + nested + "]}";
  expect_refused(good + "\n" + nested, "2");
}

TEST_F(Traces, ArrivalsHaveBlocksThatNeverReturn) {
  TraceOptions options;
  options.block_tokens = 100;
  const auto got = read(file("TIMESTAMP,ContextTokens,GeneratedTokens\r\n"
                             "2023-11-16 23:59:59.5000000,250,10\r\n2023-11-17T00:00:01Z,100,1\r\n"),
                        options);
  ASSERT_TRUE(got) << got.error().message;
  ASSERT_EQ(got->size(), 2u);
  EXPECT_EQ((*got)[0].blocks, (std::vector<uint64_t>{0, 1, 2}));
  EXPECT_EQ((*got)[1].blocks, (std::vector<uint64_t>{3}));
  EXPECT_DOUBLE_EQ((*got)[1].seconds, 1.5);
}

TEST_F(Traces, MalformedArrivalsAreRefusedWithTheirNumber) {
  for (const char* line : {"x,1,1", "1,2", "1,-2,3", "1,2,3,4", "1,99999999999999,3", "2023-13-16 00:00:00,1,1",
                           "2023-11-16 25:00:00,1,1", "inf,1,1", "0,1,1"}) {
    expect_refused(std::string("TIMESTAMP,ContextTokens,GeneratedTokens\n5,10,1\n") + line + "\n", "3");
  }
}

TEST_F(Traces, OddFilesAreErrorsOrEmpty) {
  EXPECT_EQ(read("/nowhere/at-all").error().code, Code::kNotFound);
  EXPECT_TRUE(read(file(""))->empty());
  EXPECT_TRUE(read(file("\n \n\t\n"))->empty());
  EXPECT_FALSE(read(::testing::TempDir()));
  std::string cut;
  {
    std::ifstream whole(gzip(kMooncake), std::ios::binary);
    cut.assign(std::istreambuf_iterator<char>(whole), {});
  }
  EXPECT_FALSE(read(file(cut.substr(0, cut.size() - 12)))) << "a gzip file that was cut off";
  EXPECT_FALSE(parse_trace_format("xml"));
}

}  // namespace
}  // namespace tp::cache::sim
