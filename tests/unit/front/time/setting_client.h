// SettingClient: an S3 server in one process and what tests of settings ask of it in one line each.
#pragma once

#include "base/hash/checksum.h"
#include "unit/front/s3_rig.h"

namespace tp::test {

using Fields = std::vector<std::pair<std::string, std::string>>;

class SettingClient : public testing::Test {
 protected:
  /// PUT of a document, with its MD5.
  Reply set(const std::string& path, const std::string& query, const std::string& body, Fields headers = {}) {
    headers.emplace_back("Content-MD5", to_base64(digest(ChecksumAlgorithm::kMd5, body)));
    return rig_.send({.method = "PUT", .path = path, .query = query, .headers = std::move(headers), .body = body});
  }
  Reply ask(const std::string& path, const std::string& query) { return rig_.get(path, {}, query); }
  Reply remove(const std::string& path, const std::string& query, Fields headers = {}) {
    return rig_.send({.method = "DELETE", .path = path, .query = query, .headers = std::move(headers)});
  }

  S3Rig rig_;
};

}  // namespace tp::test
