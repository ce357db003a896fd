#include "cache/flash/segment_table.h"

#include "base/check.h"
#include "cache/flash/segment_format.h"

namespace tp::cache {

namespace {

constexpr uint8_t kPinned = 1;
constexpr uint8_t kHasExpiry = 2;
constexpr uint8_t kHasParent = 4;
constexpr uint8_t kHasTokens = 8;
constexpr size_t kFixedBytes = 23;

/// Takes fixed-width fields off the front of a table.
class Fields {
 public:
  explicit Fields(BytesView bytes) : rest_(bytes) {}

  bool empty() const { return rest_.empty(); }
  bool good() const { return good_; }
  template <class Int>
  Int take() {
    const BytesView bytes = take_bytes(sizeof(Int));
    return good_ ? get_be<Int>(bytes.data()) : Int{};
  }
  BytesView take_bytes(size_t size) {
    if (rest_.size() < size) {
      good_ = false;
      return {};
    }
    const BytesView taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

 private:
  BytesView rest_;
  bool good_ = true;
};

struct Entry {
  RecordHead head;
  uint32_t unit = 0;
};

/// False: not an entry.
bool take_entry(Fields& fields, BytesView spaces, Entry* entry) {
  RecordHead& head = entry->head;
  head = RecordHead();
  head.kind = static_cast<RecordKind>(fields.take<uint8_t>());
  head.type = fields.take<uint8_t>();
  const auto flags = fields.take<uint8_t>();
  const size_t key_bytes = fields.take<uint16_t>();
  const size_t space = fields.take<uint16_t>();
  entry->unit = fields.take<uint32_t>();
  head.value_bytes = fields.take<uint32_t>();
  head.sequence = fields.take<uint64_t>();
  head.pinned = (flags & kPinned) != 0;
  if ((flags & kHasExpiry) != 0) head.expires_ms = fields.take<int64_t>();
  if ((flags & kHasParent) != 0) head.parent_hash = fields.take<uint64_t>();
  if ((flags & kHasTokens) != 0) {
    head.tokens = fields.take<uint32_t>();
    head.first_token = fields.take<uint32_t>();
  }
  head.key = fields.take_bytes(key_bytes);
  if (!fields.good() || (space + 1) * kSpaceKeyBytes > spaces.size()) return false;
  head.space = spaces.substr(space * kSpaceKeyBytes, kSpaceKeyBytes);
  return is_record_head(head.kind, key_bytes, head.value_bytes, kSpaceKeyBytes);
}

}  // namespace

uint16_t SegmentTable::number_of(BytesView space) {
  if (space == last_space_) return last_number_;
  last_space_ = space;
  const auto [found, added] = space_numbers_.try_emplace(last_space_, static_cast<uint16_t>(space_numbers_.size()));
  if (added) spaces_.append(space);
  last_number_ = found->second;
  return last_number_;
}

void SegmentTable::add(const RecordHead& head, uint32_t unit) {
  char out[kMostHeadBytes];
  const bool tokens = head.tokens != 0 || head.first_token != 0;
  out[0] = static_cast<char>(head.kind);
  out[1] = static_cast<char>(head.type);
  out[2] = static_cast<char>((head.pinned ? kPinned : 0) | (head.expires_ms != 0 ? kHasExpiry : 0) |
                             (head.parent_hash != 0 ? kHasParent : 0) | (tokens ? kHasTokens : 0));
  put_be<uint16_t>(out + 3, static_cast<uint16_t>(head.key.size()));
  put_be<uint16_t>(out + 5, number_of(head.space));
  put_be<uint32_t>(out + 7, unit);
  put_be<uint32_t>(out + 11, head.value_bytes);
  put_be<uint64_t>(out + 15, head.sequence);
  size_t size = kFixedBytes;
  if (head.expires_ms != 0) {
    put_be<int64_t>(out + size, head.expires_ms);
    size += 8;
  }
  if (head.parent_hash != 0) {
    put_be<uint64_t>(out + size, head.parent_hash);
    size += 8;
  }
  if (tokens) {
    put_be<uint32_t>(out + size, head.tokens);
    put_be<uint32_t>(out + size + 4, head.first_token);
    size += 8;
  }
  entries_.append(out, size);
  entries_.append(head.key);
  ++records_;
}

void SegmentTable::encode(MutableBytes out) const {
  TP_CHECK(out.size() == size_bytes());
  put_be<uint32_t>(out.data(), static_cast<uint32_t>(spaces_.size() / kSpaceBytes));
  std::memcpy(out.data() + kCountBytes, spaces_.data(), spaces_.size());
  std::memcpy(out.data() + kCountBytes + spaces_.size(), entries_.data(), entries_.size());
}

namespace {

/// One pass over the entries; with `fn` null it only looks.
Result<void> walk(Fields fields, BytesView spaces, uint32_t segment, uint64_t data_end, const FlashLog::Recovered* fn) {
  Entry entry;
  while (!fields.empty()) {
    if (!take_entry(fields, spaces, &entry)) return fail(Code::kCorruption, "a table of records has a bad entry");
    const uint64_t start = uint64_t{entry.unit} * kFlashUnit;
    if (start < kSegmentBlockBytes || start + record_extent(entry.head.key.size(), entry.head.value_bytes) > data_end) {
      return fail(Code::kCorruption, "a table of records points outside its segment");
    }
    if (fn != nullptr && !(*fn)(entry.head, FlashPlace{segment, entry.unit})) {
      return fail(Code::kCancelled, "recovery was stopped");
    }
  }
  return ok;
}

}  // namespace

Result<void> SegmentTable::decode(BytesView table, uint32_t segment, uint64_t data_end, const FlashLog::Recovered& fn) {
  Fields fields(table);
  const uint64_t space_count = fields.take<uint32_t>();
  if (!fields.good() || space_count > kMaxSpaces) return fail(Code::kCorruption, "a table of records has bad spaces");
  const BytesView spaces = fields.take_bytes(space_count * kSpaceBytes);
  if (!fields.good()) return fail(Code::kCorruption, "a table of records has bad spaces");
  TP_TRY_VOID(walk(fields, spaces, segment, data_end, nullptr));  // all of it or nothing
  return walk(fields, spaces, segment, data_end, &fn);
}

}  // namespace tp::cache
