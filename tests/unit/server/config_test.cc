#include "server/config.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

namespace tp::server {
namespace {

class ConfigFile : public ::testing::Test {
 protected:
  Result<void> load(const std::string& text) {
    const std::string path =
        (std::filesystem::temp_directory_path() / ("tokenplane-config-" + std::to_string(getpid()))).string();
    std::ofstream(path) << text;
    const Result<void> loaded = load_config_file(path, &config_);
    std::filesystem::remove(path);
    return loaded;
  }
  Result<void> check() {
    config_.data_directory = "/data";
    config_.root_access_key = "AKEXAMPLE";
    config_.root_secret_key = "0123456789-a-long-secret";
    return validate(config_);
  }
  void refused(const std::string& text, const std::string& word) {
    config_ = {};
    Result<void> done = load(text);
    if (done) done = check();
    ASSERT_FALSE(done) << text;
    EXPECT_EQ(done.error().code, Code::kInvalidArgument);
    EXPECT_NE(done.error().message.find(word), std::string::npos) << done.error().message;
  }

  Config config_;
};

TEST_F(ConfigFile, SetsWhatNfsCanBeTold) {
  ASSERT_TRUE(load("nfs = false\nnfs_port = 0\nnfs_networks = [\"10.0.0.0/8\", \"2001:db8::/32\"]\n"
                   "nfs_lease_seconds = 3\nnfs_grace_seconds = 0\nnfs_write_buffer = \"64MiB\"\n"));
  EXPECT_FALSE(config_.nfs);
  EXPECT_EQ(config_.nfs_port, 0);
  EXPECT_EQ(config_.nfs_networks, (std::vector<std::string>{"10.0.0.0/8", "2001:db8::/32"}));
  EXPECT_EQ(config_.nfs_lease_seconds, 3u);
  EXPECT_EQ(config_.nfs_grace_seconds, 0u);
  EXPECT_EQ(config_.nfs_write_buffer_bytes, 64u << 20);
  EXPECT_TRUE(check());
}

TEST_F(ConfigFile, ServesNfsToThisMachineUnlessToldOtherwise) {
  EXPECT_TRUE(config_.nfs);
  EXPECT_EQ(config_.nfs_port, 2049);
  EXPECT_EQ(config_.nfs_networks, (std::vector<std::string>{"127.0.0.0/8", "::1/128"}));
  EXPECT_TRUE(check());
}

TEST_F(ConfigFile, RefusesWhatNfsCannotBeTold) {
  refused("nfs = 1\n", "nfs must be true or false");
  refused("nfs_port = 65536\n", "nfs_port");
  refused("nfs_port = -1\n", "nfs_port");
  refused("nfs_networks = \"10.0.0.0/8\"\n", "list");
  refused("nfs_networks = [\"10.0.0.0/33\"]\n", "10.0.0.0/33");
  refused("nfs_networks = [\"localhost\"]\n", "localhost");
  refused("nfs_networks = [\"\"]\n", "nfs_networks");
  refused("nfs_lease_seconds = 0\n", "nfs_lease_seconds");
  refused("nfs_lease_seconds = 3601\n", "nfs_lease_seconds");
  refused("nfs_grace_seconds = 100000\n", "nfs_grace_seconds");
  refused("nfs_write_buffer = \"1MiB\"\n", "nfs_write_buffer");
}

}  // namespace
}  // namespace tp::server
