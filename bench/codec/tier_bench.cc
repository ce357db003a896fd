// Measures a tier over drives: what it stores and reads a second, whole, with drives missing, and how fast it makes a
// lost drive again. All "drives" are directories of one disk, so the disk's speed is shared by all pieces.
// usage: tier_bench DIRECTORY FILE [DATA PARITY [MIB]]   (FILE: what the blobs are made of; 4 2 512)
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "backend/local/uring_file_system.h"
#include "blob/blob_checksum.h"
#include "blob/erasure/erasure_tier.h"

namespace {

using tp::Bytes;
using tp::Result;
using tp::Task;
using namespace tp::blob;

constexpr uint64_t kBlobBytes = 8 << 20;
constexpr size_t kBatch = 4;

double now_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

template <class T>
T must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().to_string().c_str());
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

TierItem item_of(uint64_t id, const std::shared_ptr<const Bytes>& data) {
  TierItem item;
  item.data = data;
  item.blob.id = tp::BlobId(id);
  item.blob.length_bytes = static_cast<uint32_t>(data->size());
  for (size_t unit = 0; unit < unit_count(data->size()); ++unit) {
    const tp::BytesView bytes = tp::BytesView(*data).substr(unit * kChecksumUnitBytes, kChecksumUnitBytes);
    item.blob.checksums.push_back(unit_checksum(item.blob.id, static_cast<uint32_t>(unit), bytes));
  }
  return item;
}

struct Bench {
  tp::rt::Runtime runtime;
  std::string root;
  unsigned data = 4, parity = 2;
  uint64_t starts = 0;
  std::unique_ptr<ErasureTier> tier;
  std::vector<BlobRecord> records;

  std::string directory(unsigned drive) const { return root + "/drive" + std::to_string(drive); }

  void open() {
    if (tier != nullptr) must(runtime.block_on(tier->stop()));
    tier.reset();
    ErasureOptions options;
    options.runtime = &runtime;
    options.start_number = ++starts;
    options.tier = 1;
    options.data_pieces = data;
    options.parity_pieces = parity;
    options.segment_bytes = 128 << 20;
    for (unsigned i = 0; i < data + parity; ++i) options.directories.push_back(directory(i));
    options.open_directory = [this](const std::string& name) -> Result<std::unique_ptr<tp::io::FileSystem>> {
      TP_TRY(auto files, tp::local::UringFileSystem::open({.root = name, .runtime = &runtime}));
      return files;
    };
    tier = must(runtime.block_on(open_erasure_tier(std::move(options))));
  }
};

Task<void> read_blob(Tier* tier, BlobRecord record) {
  for (uint64_t done = 0; done < record.length_bytes;) {
    TP_CO_TRY(const auto region, co_await tier->read(record, done, kFrameBytes));
    done += region.bytes.size();
  }
  co_return tp::ok;
}

/// Every `step`th blob from `first` on: several of these run side by side, as clients do.
Task<void> read_some(Tier* tier, const std::vector<BlobRecord>* records, size_t first, size_t step) {
  for (size_t i = first; i < records->size(); i += step) TP_CO_TRY_VOID(co_await read_blob(tier, (*records)[i]));
  co_return tp::ok;
}

Task<void> read_all(Tier* tier, const std::vector<BlobRecord>* records) {
  constexpr size_t kReaders = 4;
  tp::rt::TaskGroup group;
  std::vector<Result<void>> results(kReaders);
  const auto keep = [](Task<void> task, Result<void>* out) -> Task<void> {
    *out = co_await std::move(task);
    co_return tp::ok;
  };
  for (size_t i = 0; i < kReaders; ++i) group.spawn(keep(read_some(tier, records, i, kReaders), &results[i]));
  co_await group.join();
  for (auto& result : results) TP_CO_TRY_VOID(std::move(result));
  co_return tp::ok;
}

void say(const char* what, double mib, double seconds) {
  std::printf("%-34s %8.0f MB/s\n", what, mib * 1.048576 / seconds);
  std::fflush(stdout);
}

void measure_reads(Bench& bench, const char* what, double mib) {
  const double start = now_s();
  must(bench.runtime.block_on(read_all(bench.tier.get(), &bench.records)));
  say(what, mib, now_s() - start);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: tier_bench DIRECTORY FILE [DATA PARITY [MIB]]\n");
    return 2;
  }
  Bench bench;
  bench.root = std::string(argv[1]) + "/tier_bench";
  std::filesystem::remove_all(bench.root);
  std::filesystem::create_directories(bench.root);
  if (argc > 4) {
    bench.data = static_cast<unsigned>(std::atoi(argv[3]));
    bench.parity = static_cast<unsigned>(std::atoi(argv[4]));
  }
  const uint64_t mib = argc > 5 ? std::strtoull(argv[5], nullptr, 10) : 512;
  std::ifstream file(argv[2], std::ios::binary);
  Bytes source{std::istreambuf_iterator<char>(file), {}};
  if (source.empty()) return 2;
  while (source.size() < kBlobBytes) source += source;
  bench.open();

  double seconds = 0;
  uint64_t id = 0;
  for (uint64_t blobs = mib * (1 << 20) / kBlobBytes; blobs > 0;) {
    std::vector<TierItem> items;
    for (size_t i = 0; i < kBatch && blobs > 0; ++i, --blobs) {
      const size_t at = ++id * 4'099 * 4 % (source.size() - kBlobBytes + 1) / 4 * 4;
      items.push_back(item_of(id, std::make_shared<const Bytes>(source.substr(at, kBlobBytes))));
    }
    const double start = now_s();
    for (auto& record : must(bench.runtime.block_on(bench.tier->put(std::move(items))))) {
      bench.records.push_back(std::move(record));
    }
    seconds += now_s() - start;
  }
  const auto total = static_cast<double>(mib);
  const TierStats stats = bench.tier->stats();
  std::printf("%u+%u, %llu MiB, stored %.2f times smaller, on disk with parity %.0f MiB\n", bench.data, bench.parity,
              static_cast<unsigned long long>(mib), total * (1 << 20) / static_cast<double>(stats.bytes_written),
              static_cast<double>(stats.disk_bytes) / (1 << 20));
  say("put (packed, coded, synced)", total, seconds);
  measure_reads(bench, "read, 4 readers of 256 KiB", total);
  if (bench.parity > 0) {
    std::filesystem::remove_all(bench.directory(0));
    bench.open();
    measure_reads(bench, "read, one drive lost", total);
    const uint64_t shards = bench.tier->status().missing_shards;
    const double start = now_s();
    must(bench.runtime.block_on(bench.tier->replace(bench.directory(0))));
    must(bench.runtime.block_on(bench.tier->wait_mended()));
    const double mended = static_cast<double>(bench.tier->status().mended_bytes) / (1 << 20);
    std::printf("%llu shards made again\n", static_cast<unsigned long long>(shards));
    say("mend (bytes of the lost drive)", mended, now_s() - start);
    measure_reads(bench, "read, mended", total);
  }
  must(bench.runtime.block_on(bench.tier->stop()));
  std::filesystem::remove_all(bench.root);
  return 0;
}
