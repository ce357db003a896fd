#include "server/lifecycle/lifecycle_endpoint.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <spdlog/spdlog.h>

#include <charconv>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "wire/text/timestamp.h"

namespace tp::server {

namespace {

using lifecycle::LifecycleStatus;

constexpr int64_t kMaxOffsetSeconds = int64_t{100} * 366 * 86400;

// Nothing where it is not set: the usual case.
Result<std::optional<rt::Nanos>> offset_from_environment() {
  const char* text = std::getenv(kLifecycleOffsetVariable);
  if (text == nullptr || *text == '\0') return std::nullopt;
  const std::string_view view(text);
  int64_t seconds = 0;
  const auto [end, error] = std::from_chars(view.data(), view.data() + view.size(), seconds);
  if (error != std::errc() || end != view.data() + view.size() || seconds < 0 || seconds > kMaxOffsetSeconds) {
    return fail(Code::kInvalidArgument, std::string(kLifecycleOffsetVariable) + " is not a number of seconds");
  }
  return std::optional(seconds * rt::kSecond);
}

}  // namespace

Result<std::unique_ptr<LifecycleEndpoint>> LifecycleEndpoint::open(Store& store) {
  lifecycle::LifecycleService::Options options;
  options.upkeep = &store.plane().upkeep();
  options.runtime = &store.runtime();
  TP_TRY(const auto offset, offset_from_environment());
  if (offset) {
    options.wall_offset = *offset;
    spdlog::warn("lifecycle clock runs ahead seconds={}", options.wall_offset / rt::kSecond);
    options.pause = 100 * rt::kMillisecond;
  }
  options.on_trouble = [](const Error& error) { spdlog::warn("lifecycle failed error=\"{}\"", error.to_string()); };
  std::unique_ptr<LifecycleEndpoint> endpoint(new LifecycleEndpoint(store));
  endpoint->service_ = std::make_unique<lifecycle::LifecycleService>(std::move(options));
  const unsigned last_loop = store.runtime().loop_count() - 1;
  TP_TRY_VOID(store.runtime().block_on(endpoint->service_->start(), last_loop));
  return endpoint;
}

LifecycleEndpoint::~LifecycleEndpoint() {
  if (service_) [[maybe_unused]]
    const auto stopped = store_.runtime().block_on(service_->stop());
}

Bytes LifecycleEndpoint::metrics() const {
  const LifecycleStatus status = service_->status();
  prometheus::Registry registry;
  const auto number = [](uint64_t value) { return static_cast<double>(value); };
  const auto counter = [&](const char* name, const char* help, uint64_t value) {
    prometheus::BuildCounter()
        .Name(std::string("tokenplane_lifecycle_") + name + "_total")
        .Help(help)
        .Register(registry)
        .Add({})
        .Increment(number(value));
  };
  const auto gauge = [&](const char* name, const char* help, double value) {
    prometheus::BuildGauge()
        .Name(std::string("tokenplane_lifecycle_") + name)
        .Help(help)
        .Register(registry)
        .Add({})
        .Set(value);
  };
  counter("changes", "Changes of the journal that were followed", status.counts.changes);
  counter("keys_looked_at", "Keys whose versions were looked at, walks aside", status.counts.keys_looked_at);
  counter("walks", "Walks of volumes and renamed directories begun", status.counts.walks);
  counter("keys_walked", "Keys seen by them", status.counts.keys_walked);
  counter("due", "Entries of the index whose time had come", status.counts.due);
  counter("expired", "Current objects expired", status.counts.expired);
  counter("versions_expired", "Earlier versions and delete markers removed", status.counts.versions_expired);
  counter("uploads_aborted", "Incomplete multipart uploads aborted", status.counts.uploads_aborted);
  counter("transitions", "Versions that changed their storage class", status.counts.transitions);
  counter("put_off", "Keys due that were locked or changing", status.counts.put_off);
  counter("failures", "Steps that failed and are tried again", status.counts.failures);
  gauge("volumes", "Volumes with lifecycle rules", number(status.volumes));
  gauge("journal_behind", "Changes not followed yet", number(status.journal_behind));
  gauge("walks_under_way", "Walks not at their end", number(status.walks.size()));
  const rt::Nanos overdue = status.next_due ? store_.runtime().clock().wall_now() - *status.next_due : 0;
  gauge("overdue_seconds", "How long the oldest entry has been due",
        static_cast<double>(std::max<rt::Nanos>(overdue, 0) / rt::kSecond));
  return prometheus::TextSerializer().Serialize(registry.Collect());
}

Bytes LifecycleEndpoint::json() const {
  const LifecycleStatus status = service_->status();
  nlohmann::json json = {{"volumes", status.volumes},
                         {"journal_behind", status.journal_behind},
                         {"ticks", status.counts.ticks},
                         {"changes", status.counts.changes},
                         {"keys_looked_at", status.counts.keys_looked_at},
                         {"keys_walked", status.counts.keys_walked},
                         {"due", status.counts.due},
                         {"expired", status.counts.expired},
                         {"versions_expired", status.counts.versions_expired},
                         {"uploads_aborted", status.counts.uploads_aborted},
                         {"transitions", status.counts.transitions},
                         {"put_off", status.counts.put_off},
                         {"failures", status.counts.failures},
                         {"trouble", status.trouble},
                         {"next_due", status.next_due ? nlohmann::json(wire::iso8601(*status.next_due)) : nullptr},
                         {"walks", nlohmann::json::array()}};
  for (const auto& walk : status.walks) {
    json["walks"].push_back({{"volume", walk.volume}, {"prefix", walk.prefix}, {"after", walk.after}});
  }
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace tp::server
