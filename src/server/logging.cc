#include "server/logging.h"

#include <spdlog/async.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace tp::server {

namespace {

constexpr size_t kQueueLines = 8192;
constexpr auto kFlushEvery = std::chrono::seconds(1);

Result<spdlog::sink_ptr> open_sink(const std::string& file) {
  if (file.empty() || file == "-") return std::make_shared<spdlog::sinks::stderr_sink_mt>();
  try {
    return std::make_shared<spdlog::sinks::basic_file_sink_mt>(file);
  } catch (const spdlog::spdlog_ex& error) {
    return fail(Code::kIo, std::string("cannot open the log: ") + error.what());
  }
}

std::shared_ptr<spdlog::logger> make_logger(const std::string& name, spdlog::sink_ptr sink) {
  return std::make_shared<spdlog::async_logger>(name, std::move(sink), spdlog::thread_pool(),
                                                spdlog::async_overflow_policy::overrun_oldest);
}

}  // namespace

Result<void> set_up_logging(const std::string& level, const std::string& file) {
  const auto parsed = spdlog::level::from_str(level);
  if (parsed == spdlog::level::off && level != "off")
    return fail(Code::kInvalidArgument, "no such log level: " + level);
  spdlog::init_thread_pool(kQueueLines, 1);
  TP_TRY(auto sink, open_sink(file));
  auto logger = make_logger("tokenplane", std::move(sink));
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
  logger->set_level(parsed);
  logger->flush_on(spdlog::level::warn);
  spdlog::set_default_logger(std::move(logger));
  spdlog::flush_every(kFlushEvery);
  return ok;
}

Result<std::shared_ptr<spdlog::logger>> open_access_log(const std::string& file) {
  if (file.empty()) return std::shared_ptr<spdlog::logger>();
  TP_TRY(auto sink, open_sink(file));
  auto logger = make_logger("access", std::move(sink));
  logger->set_pattern("%v");
  spdlog::register_logger(logger);  // so that the periodic flush reaches it
  return logger;
}

void shut_down_logging() { spdlog::shutdown(); }

}  // namespace tp::server
