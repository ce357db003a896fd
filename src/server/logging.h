// Logging: spdlog, set up once: asynchronous, bounded (old lines are dropped, never the request held up), structured as
// key=value after the message.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

namespace spdlog {
class logger;
}

namespace tp::server {

/// Sets spdlog's default logger. kInvalidArgument for an unknown level, kIo if the file cannot be opened.
Result<void> set_up_logging(const std::string& level, const std::string& file);
/// A logger that writes lines as they are; "-" goes where the default logger goes. Null for "".
Result<std::shared_ptr<spdlog::logger>> open_access_log(const std::string& file);
void shut_down_logging();

}  // namespace tp::server
