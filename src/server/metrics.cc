#include "server/metrics.h"
#include "server/tiers/tier_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace tp::server {

namespace {

const prometheus::Histogram::BucketBoundaries kSecondsBuckets = {0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
                                                                 0.01,    0.025,  0.05,    0.1,    0.25,  0.5,    1,
                                                                 2.5,     5,      10};
const prometheus::Histogram::BucketBoundaries kGroupBuckets = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};
constexpr std::array<const char*, 6> kClassNames = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};

double seconds(rt::Nanos duration) { return static_cast<double>(duration) / static_cast<double>(rt::kSecond); }

}  // namespace

Metrics::Metrics() : registry_(std::make_shared<prometheus::Registry>()) {
  group_size_ = &prometheus::BuildHistogram()
                     .Name("tokenplane_commit_group_transactions")
                     .Help("Transactions that shared one sync")
                     .Register(*registry_)
                     .Add({}, kGroupBuckets);
  group_seconds_ = &prometheus::BuildHistogram()
                        .Name("tokenplane_commit_group_seconds")
                        .Help("Time from a group's first transaction to its sync")
                        .Register(*registry_)
                        .Add({}, kSecondsBuckets);
}

Metrics::~Metrics() = default;

Metrics::PerOperation& Metrics::of(s3::Operation operation) {
  auto& slot = operations_[static_cast<size_t>(operation)];
  if (PerOperation* made = slot.load(std::memory_order_acquire)) return *made;
  const std::lock_guard lock(mutex_);
  if (PerOperation* made = slot.load(std::memory_order_relaxed)) return *made;
  auto made = std::make_unique<PerOperation>();
  const std::string name(s3::operation_name(operation));
  auto& requests =
      prometheus::BuildCounter().Name("tokenplane_s3_requests_total").Help("S3 requests").Register(*registry_);
  for (size_t i = 0; i < kStatusClasses; ++i) {
    made->requests[i] = &requests.Add({{"operation", name}, {"status", kClassNames[i]}});
  }
  auto& bytes = prometheus::BuildCounter().Name("tokenplane_s3_bytes_total").Help("S3 body bytes").Register(*registry_);
  made->bytes_in = &bytes.Add({{"operation", name}, {"direction", "in"}});
  made->bytes_out = &bytes.Add({{"operation", name}, {"direction", "out"}});
  made->seconds = &prometheus::BuildHistogram()
                       .Name("tokenplane_s3_request_seconds")
                       .Help("From the request's head to the end of its answer")
                       .Register(*registry_)
                       .Add({{"operation", name}}, kSecondsBuckets);
  PerOperation* result = made.get();
  owned_[static_cast<size_t>(operation)] = std::move(made);
  slot.store(result, std::memory_order_release);
  return *result;
}

void Metrics::on_request(s3::Operation operation, int status, uint64_t bytes_in, uint64_t bytes_out,
                         rt::Nanos duration) {
  PerOperation& metrics = of(operation);
  const size_t status_class = status >= 100 && status < 600 ? static_cast<size_t>(status / 100) : 0;
  metrics.requests[status_class]->Increment();
  if (bytes_in > 0) metrics.bytes_in->Increment(static_cast<double>(bytes_in));
  if (bytes_out > 0) metrics.bytes_out->Increment(static_cast<double>(bytes_out));
  metrics.seconds->Observe(seconds(duration));
}

void Metrics::on_group(size_t transactions, rt::Nanos duration) {
  group_size_->Observe(static_cast<double>(transactions));
  group_seconds_->Observe(seconds(duration));
}

void Metrics::set_gauge(const std::string& name, const std::string& help, double value) {
  prometheus::BuildGauge().Name("tokenplane_" + name).Help(help).Register(*registry_).Add({}).Set(value);
}

void Metrics::read_store(Store& store) {
  const auto number = [](uint64_t value) { return static_cast<double>(value); };
  const auto blobs = store.blobs().stats();
  set_gauge("blob_segments", "Segment files", number(blobs.segments));
  set_gauge("blob_disk_bytes", "Disk space of the segment files", number(blobs.disk_bytes));
  set_gauge("blob_live_bytes", "Bytes of live blobs known", number(blobs.live_bytes));
  set_gauge("block_cache_hits", "Reads of large objects answered from memory", number(blobs.cache_hits));
  set_gauge("block_cache_misses", "Reads of large objects that went to disk", number(blobs.cache_misses));
  set_gauge("block_cache_bytes", "Memory held by verified blocks", number(blobs.cache_bytes));
  set_gauge("checksum_failures", "Stored bytes that did not match their checksum", number(blobs.checksum_failures));
  set_gauge("blob_syncs", "fdatasyncs of segment files", number(blobs.syncs));
  set_gauge("blob_sync_requests", "Writers that waited for one", number(blobs.sync_requests));
  set_gauge("disk_written_bytes", "Bytes written to segment files", number(blobs.bytes_written));
  set_gauge("disk_read_bytes", "Bytes read from segment files", number(blobs.bytes_read));
  const auto plane = store.plane().stats();
  set_gauge("object_cache_hits", "Lookups answered from memory", number(plane.cache_hits));
  set_gauge("object_cache_misses", "Lookups that went to the metadata", number(plane.cache_misses));
  set_gauge("object_cache_bytes", "Memory held by hot objects", number(plane.cache_bytes));
  set_gauge("blobs_waiting_to_be_freed", "Dead blobs that readers still hold", number(plane.blobs_waiting_to_be_freed));
  set_gauge("blobs_compacted", "Blobs moved by compaction", number(plane.blobs_compacted));
  set_gauge("scrubbed_blobs", "Blobs read back by the scrub", number(plane.scrubbed_blobs));
  set_gauge("scrub_errors", "Blobs the scrub found wrong", number(plane.scrub_errors));
  set_gauge("snapshots", "Snapshots of all volumes", number(plane.snapshots));
  set_gauge("snapshots_being_freed", "Deleted snapshots that still hold something",
            number(plane.snapshots_being_freed));
  set_gauge("clones_being_freed", "Removed clones that still hold something",
            number(plane.clones_being_freed));
  set_gauge("history_records_freed", "Records of deleted snapshots freed or left to older ones",
            number(plane.history_records_freed));
  const auto meta = store.meta().stats();
  set_gauge("commit_groups", "Group commits", number(meta.groups));
  set_gauge("transactions", "Transactions", number(meta.transactions));
  set_gauge("transactions_waiting", "Transactions in the committer's queue", number(meta.queue_length));
  set_gauge("read_only", "1 if the store refuses changes",
            store.meta().read_only() || store.blobs().read_only() ? 1 : 0);
  for (const auto& [name, value] : meta.engine)
    set_gauge("metadata_" + name, "Metadata engine: " + name, number(value));
  if (const auto space = store.files().space()) {
    set_gauge("disk_total_bytes", "Size of the data directory's file system", number(space->total_bytes));
    set_gauge("disk_free_bytes", "Free space of the data directory's file system", number(space->free_bytes));
  }
}

void Metrics::read_nfs(const NfsEndpoint& nfs) {
  const auto stats = nfs.stats();
  set_gauge("nfs_connections", "Open NFS connections", static_cast<double>(stats.connections));
  set_gauge("nfs_malformed", "NFS connections ended over what is no call",
            static_cast<double>(stats.malformed));
  set_gauge("nfs_received_bytes", "Bytes of NFS calls", static_cast<double>(stats.bytes_in));
  set_gauge("nfs_sent_bytes", "Bytes of NFS replies", static_cast<double>(stats.bytes_out));
  auto& calls = prometheus::BuildGauge().Name("tokenplane_nfs_calls").Help("NFS calls").Register(*registry_);
  for (const auto& [procedure, count] : nfs.counts()) {
    calls.Add({{"procedure", std::string(procedure)}}).Set(static_cast<double>(count));
  }
}

Bytes Metrics::page(Store* store, size_t s3_connections, const NfsEndpoint* nfs) {
  set_gauge("s3_connections", "Open S3 connections", static_cast<double>(s3_connections));
  if (nfs != nullptr) read_nfs(*nfs);
  if (store != nullptr) read_store(*store);
  if (store != nullptr) read_tiers(*registry_, store->tiers());
  return prometheus::TextSerializer().Serialize(registry_->Collect());
}

}  // namespace tp::server
