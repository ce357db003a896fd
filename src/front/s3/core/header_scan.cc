#include "front/s3/core/header_scan.h"

#include <algorithm>

namespace tp::s3 {

namespace {

struct KnownHeader {
  std::string_view name;
  HeaderId id;
};

constexpr size_t kKnownCount = static_cast<size_t>(HeaderId::kCount);
constexpr std::array<KnownHeader, kKnownCount> kInOrder = {{
#define TP_S3_HEADER(id, name) {name, HeaderId::k##id},
    TP_S3_HEADERS(TP_S3_HEADER)
#undef TP_S3_HEADER
}};

constexpr size_t kMaxNameBytes = 64;

// The known names by length: those of n bytes are by_length[n] to by_length[n + 1]. Most fields of a request share
// their length with two or three names, which their last letters then tell apart.
struct Table {
  std::array<KnownHeader, kKnownCount> sorted = kInOrder;
  std::array<uint8_t, kMaxNameBytes + 2> by_length{};
};

consteval Table make_table() {
  Table table;
  std::sort(table.sorted.begin(), table.sorted.end(), [](const KnownHeader& a, const KnownHeader& b) {
    return a.name.size() != b.name.size() ? a.name.size() < b.name.size() : a.name < b.name;
  });
  size_t at = 0;
  for (size_t length = 0; length < table.by_length.size(); ++length) {
    table.by_length[length] = static_cast<uint8_t>(at);
    while (at < kKnownCount && table.sorted[at].name.size() == length) ++at;
  }
  return table;
}
constexpr Table kTable = make_table();
static_assert(kTable.by_length.back() == kKnownCount, "a name is longer than kMaxNameBytes");

constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

}  // namespace

std::string_view header_name(HeaderId id) noexcept { return kInOrder[static_cast<size_t>(id)].name; }

HeaderScan::HeaderScan(const wire::HeaderList& headers) noexcept {
  for (const wire::HeaderField& field : headers) add(field);
}

void HeaderScan::add(const wire::HeaderField& field) noexcept {
  const size_t length = field.name.size();
  if (length == 0) return;
  if (length > 11 && lower(field.name[0]) == 'x' && wire::starts_with_ignoring_case(field.name, "x-amz-meta-")) {
    has_user_metadata_ = true;
    return;
  }
  if (length > kMaxNameBytes) return;
  const char last = lower(field.name[length - 1]);
  for (size_t i = kTable.by_length[length]; i < kTable.by_length[length + 1]; ++i) {
    const KnownHeader& known = kTable.sorted[i];
    if (known.name.back() != last || !wire::equal_ignoring_case(known.name, field.name)) continue;
    std::string_view& value = values_[static_cast<size_t>(known.id)];
    // A null view means absent: an empty value still points into the head.
    if (value.data() == nullptr) value = field.value.data() == nullptr ? std::string_view("") : field.value;
    return;
  }
}

}  // namespace tp::s3
