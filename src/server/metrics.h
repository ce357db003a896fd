// Metrics: the Prometheus registry behind /metrics. Requests are counted as they finish; the state of the store is read
// when the page is asked for. Names and labels: docs/operations.md.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "front/s3/core/access_log.h"
#include "server/nfs/nfs_endpoint.h"
#include "server/store.h"

namespace prometheus {
class Counter;
class Histogram;
class Registry;
}  // namespace prometheus

namespace tp::server {

class Metrics final : public s3::MetricsSink {
 public:
  Metrics();
  ~Metrics() override;

  void on_request(s3::Operation operation, int status, uint64_t bytes_in, uint64_t bytes_out,
                  rt::Nanos duration) override;
  /// The committer's hook.
  void on_group(size_t transactions, rt::Nanos duration);

  /// The text of /metrics. `store` may be null while it is being opened, `nfs` where it is off.
  Bytes page(Store* store, size_t s3_connections, const NfsEndpoint* nfs);

 private:
  static constexpr size_t kStatusClasses = 6;  // none, 1xx .. 5xx
  struct PerOperation {
    std::array<prometheus::Counter*, kStatusClasses> requests{};
    prometheus::Counter* bytes_in = nullptr;
    prometheus::Counter* bytes_out = nullptr;
    prometheus::Histogram* seconds = nullptr;
  };
  PerOperation& of(s3::Operation operation);
  void set_gauge(const std::string& name, const std::string& help, double value);
  void read_store(Store& store);
  void read_nfs(const NfsEndpoint& nfs);

  std::shared_ptr<prometheus::Registry> registry_;
  std::mutex mutex_;
  std::array<std::atomic<PerOperation*>, s3::kOperationCount> operations_{};
  std::array<std::unique_ptr<PerOperation>, s3::kOperationCount> owned_;
  prometheus::Histogram* group_size_ = nullptr;
  prometheus::Histogram* group_seconds_ = nullptr;
};

}  // namespace tp::server
