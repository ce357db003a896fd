// AdminClient: calls a running server's admin port for the commands. Finds it by URL, or by DIR/server.json and
// DIR/admin.token for a store that a server on this machine has open.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace tp::cli {

class AdminClient {
 public:
  struct Target {
    std::string host;
    uint16_t port = 0;
    std::string authorization;  // the header's value
  };
  /// "http://host:port"; credentials from TOKENPLANE_ADMIN_TOKEN, else from TOKENPLANE_ACCESS_KEY and _SECRET_KEY.
  static Result<AdminClient> from_url(const std::string& url);
  static Result<AdminClient> with_token(const std::string& url, const std::string& token);
  /// nullopt if no server has the directory open.
  static Result<std::optional<AdminClient>> from_data_directory(const std::string& directory);

  struct Answer {
    int status = 0;
    Bytes body;
  };
  /// kUnavailable if the server cannot be reached.
  Result<Answer> call(const std::string& method, const std::string& path, const Bytes& body) const;
  /// The same, giving the body line by line as it comes.
  Result<int> call_lines(const std::string& method, const std::string& path,
                         const std::function<void(BytesView line)>& on_line) const;

 private:
  explicit AdminClient(Target target) : target_(std::move(target)) {}
  Target target_;
};

}  // namespace tp::cli
