// Any bytes as a segment file of a cache volume: a start over it and reads of what it found neither crash nor hang, and
// a value that is read is the file's, with the checksum of its head. The first byte says how the file is made: bit 0,
// the input is the file; else behind a good header, with bit 1 the checksums of heads mended, with bit 2 those of
// values, with bit 3 the second half of the input as a table with a good footer.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>

#include "backend/memory/memory_file_system.h"
#include "base/hash/crc.h"
#include "cache/flash/flash_log.h"
#include "cache/flash/segment_format.h"
#include "rt/runtime.h"

namespace tp::cache {
namespace {

constexpr uint32_t kNumber = 3;
constexpr const char* kName = "cache/seg-0000000003.tpc";
constexpr size_t kHeadChecksumFrom = 4;  // in a record head: behind its checksum

void check(bool holds) {
  if (!holds) std::abort();
}

/// Walks the records as a scan does and makes their checksums right.
void mend_records(Bytes& file, bool values) {
  for (size_t at = kSegmentBlockBytes; at + kRecordHeadBytes <= file.size();) {
    char* head = file.data() + at;
    const bool pad = static_cast<uint8_t>(head[4]) == 0xff;
    const uint64_t key_bytes = pad ? 0 : get_be<uint16_t>(head + 6);
    const uint64_t value_bytes = get_be<uint32_t>(head + 8);
    const uint64_t head_bytes = pad ? kPadHeadBytes : kRecordHeadBytes + key_bytes;
    const uint64_t extent = pad ? value_bytes : record_extent(key_bytes, value_bytes);
    if (extent == 0 || extent % kFlashUnit != 0 || at + extent > file.size() || at + head_bytes > file.size()) return;
    if (values && !pad) {
      put_be<uint32_t>(head + 12, crc32c(0, BytesView(head + head_bytes, value_bytes)));
    }
    char where[8];
    put_be<uint32_t>(where, kNumber);
    put_be<uint32_t>(where + 4, static_cast<uint32_t>(at / kFlashUnit));
    const BytesView covered(head + kHeadChecksumFrom, head_bytes - kHeadChecksumFrom);
    put_be<uint32_t>(head, crc32c(crc32c(0, BytesView(where, sizeof where)), covered));
    at += extent;
  }
}

Bytes make_file(uint8_t how, BytesView input) {
  if ((how & 1) != 0) return Bytes(input);
  const bool tabled = (how & 8) != 0;
  const BytesView records = tabled ? input.substr(0, input.size() / 2) : input;
  const BytesView table = tabled ? input.substr(input.size() / 2) : BytesView();
  Bytes file(kSegmentBlockBytes, '\0');
  encode_segment_header({kNumber, 0}, file);
  file += records;
  file.resize(align_up(file.size(), kSegmentBlockBytes));
  if ((how & 2) != 0) mend_records(file, (how & 4) != 0);
  if (!tabled) return file;
  const SegmentFooter footer{kNumber, 1, file.size(), table.size(), crc32c(0, table), 1, 1};
  file += table;
  file.resize(align_up(file.size(), kSegmentBlockBytes) + kSegmentBlockBytes);
  encode_segment_footer(footer, MutableBytes(file).last(kSegmentBlockBytes));
  return file;
}

Task<void> install(io::FileSystem* files, Bytes bytes) {
  TP_CO_TRY_VOID(co_await files->make_directory("cache"));
  TP_CO_TRY(auto file, co_await files->open(kName, io::OpenMode::kCreate, io::Caching::kBuffered));
  co_return co_await file->write_at(0, bytes);
}

struct Found {
  FlashPlace place;
  Bytes space, key;
  uint32_t value_bytes = 0;
  bool entry = false;
};

Task<std::unique_ptr<FlashLog>> open_log(FlashLog::Options options, std::vector<Found>* found) {
  const FlashLog::Recovered recovered = [found](const RecordHead& head, FlashPlace place) {
    found->push_back({place, Bytes(head.space), Bytes(head.key), head.value_bytes, head.kind == RecordKind::kEntry});
    return true;
  };
  co_return co_await FlashLog::open(std::move(options), recovered);
}

/// A value that a read gave is what the file has there, and what its head says of it.
void check_value(const Bytes& file, const Found& found, const Value& value) {
  const uint64_t start = uint64_t{found.place.unit} * kFlashUnit;
  check(start < file.size());
  const auto stored = decode_record_head(found.place, BytesView(file).substr(start));
  check(stored && !stored->pad && stored->head.key == found.key && stored->head.space == found.space);
  check(stored->value_checksum == crc32c(0, value.view()));
  check(BytesView(file).substr(start + kRecordHeadBytes + found.key.size(), found.value_bytes) == value.view());
}

Task<void> exercise(FlashLog::Options options, const Bytes* file) {
  std::vector<Found> found;
  auto opened = co_await open_log(options, &found);
  if (!opened) {
    check(opened.error().code == Code::kNotImplemented);  // a later version
    co_return ok;
  }
  FlashLog& log = **opened;
  for (const Found& record : found) {
    check(record.place.segment == kNumber);
    if (!record.entry) continue;
    const auto value = co_await log.read(record.place, record.space, record.key, record.value_bytes);
    check(value || value.error().code == Code::kCorruption);
    if (value) check_value(*file, record, *value);
  }
  size_t listed = 0;
  for (const FlashLog::SegmentInfo& info : log.segments()) {
    auto each = [&listed](const RecordHead&, FlashPlace) { ++listed; };
    check((co_await log.for_each_record(info.number, each)).has_value());
  }
  check(listed >= found.size());  // those whose values are damaged are listed too
  RecordHead head;
  const Bytes space(kSpaceKeyBytes, 's');
  head.space = space;
  head.key = "new";
  check((co_await log.append(head, Value::copy_of("value"))).has_value());
  check((co_await log.close()).has_value());
  std::vector<Found> again;
  auto reopened = co_await open_log(options, &again);
  check(reopened.has_value() && again.size() == found.size() + 1);
  check((co_await (*reopened)->close()).has_value());
  co_return ok;
}

}  // namespace
}  // namespace tp::cache

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tp;
  if (size == 0 || size > 1 << 20) return 0;
  static rt::ManualClock clock;
  static rt::Runtime runtime({.loops = 1, .blocking_threads = 1, .clock = &clock});
  const Bytes file = cache::make_file(data[0], BytesView(reinterpret_cast<const char*>(data) + 1, size - 1));
  memory::MemoryFileSystem files;
  if (!runtime.block_on(cache::install(&files, file))) std::abort();
  cache::FlashLog::Options options;
  options.files = &files;
  options.clock = &clock;
  options.directory = "cache";
  options.capacity_bytes = 16 << 20;
  options.segment_bytes = 64 << 10;
  options.run_bytes = 16 << 10;
  if (!runtime.block_on(cache::exercise(options, &file))) std::abort();
  return 0;
}
