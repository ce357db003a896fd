#include "front/redis/commands/hashes/hash_value.h"

#include <cstring>
#include <unordered_map>

#include "base/check.h"
#include "cache/cache_volume.h"

namespace tp::redis {

namespace {

constexpr size_t kFewChanges = 8;  // up to here a look at each costs less than a table

size_t varint_size(size_t value) {
  size_t size = 1;
  while (value >= 128) {
    value >>= 7;
    ++size;
  }
  return size;
}

char* put_text(char* out, BytesView text) {
  size_t left = text.size();
  while (left >= 128) {
    *out++ = static_cast<char>(left | 128);
    left >>= 7;
  }
  *out++ = static_cast<char>(left);
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

size_t encoded_size(const HashChange& change) {
  const size_t field = change.field.size(), value = change.value->size();
  return varint_size(field) + field + varint_size(value) + value;
}

/// Finds the change of a field, if there is one.
class Changes {
 public:
  explicit Changes(std::vector<HashChange>& changes) : changes_(changes) {
    if (changes.size() <= kFewChanges) return;
    for (HashChange& change : changes) table_.emplace(change.field, &change);
  }
  HashChange* of(BytesView field) {
    if (changes_.size() > kFewChanges) {
      const auto at = table_.find(field);
      return at == table_.end() ? nullptr : at->second;
    }
    for (HashChange& change : changes_) {
      if (change.field == field) return &change;
    }
    return nullptr;
  }

 private:
  std::vector<HashChange>& changes_;
  std::unordered_map<BytesView, HashChange*> table_;
};

}  // namespace

HashReader::HashReader(BytesView bytes) {
  if (bytes.size() < 4) return;
  count_ = get_be<uint32_t>(bytes.data());
  rest_ = bytes.substr(4);
}

bool HashReader::take(BytesView* out) {
  uint64_t size = 0;
  for (unsigned shift = 0; shift < 35; shift += 7) {
    if (rest_.empty()) return false;
    const auto byte = static_cast<uint8_t>(rest_[0]);
    rest_.remove_prefix(1);
    size |= static_cast<uint64_t>(byte & 127) << shift;
    if (byte >= 128) continue;
    if (size > rest_.size()) return false;
    *out = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return true;
  }
  return false;
}

std::optional<HashReader::Entry> HashReader::next() {
  Entry entry;
  const char* begin = rest_.data();
  if (rest_.empty() || !take(&entry.field) || !take(&entry.value)) {
    rest_ = {};
    return std::nullopt;
  }
  entry.encoded = BytesView(begin, static_cast<size_t>(rest_.data() - begin));
  return entry;
}

std::optional<BytesView> HashReader::find(BytesView field) const {
  HashReader reader = *this;
  while (const auto entry = reader.next()) {
    if (entry->field == field) return entry->value;
  }
  return std::nullopt;
}

HashEdit edit_hash(BytesView old, std::vector<HashChange>& changes) {
  Changes wanted(changes);
  size_t size = 4;
  HashEdit edit;
  HashReader measure(old);
  while (const auto entry = measure.next()) {
    HashChange* change = wanted.of(entry->field);
    if (change != nullptr) change->was_there = true;
    if (change != nullptr && !change->value) continue;
    size += change == nullptr ? entry->encoded.size() : encoded_size(*change);
    ++edit.count;
  }
  for (const HashChange& change : changes) {
    if (change.was_there || !change.value) continue;
    size += encoded_size(change);
    ++edit.count;
  }
  edit.too_large = size > cache::kMaxValueBytes;
  if (edit.count == 0 || edit.too_large) return edit;
  edit.value = cache::Value::allocate(size);
  if (!edit.value) return edit;
  char* out = edit.value.fill().data();
  put_be(out, edit.count);
  out += 4;
  const auto put_change = [&out](const HashChange& change) {
    out = put_text(put_text(out, change.field), *change.value);
  };
  HashReader copy(old);
  while (const auto entry = copy.next()) {
    const HashChange* change = wanted.of(entry->field);
    if (change == nullptr) {
      std::memcpy(out, entry->encoded.data(), entry->encoded.size());
      out += entry->encoded.size();
    } else if (change->value) {
      put_change(*change);
    }
  }
  for (const HashChange& change : changes) {
    if (!change.was_there && change.value) put_change(change);
  }
  TP_CHECK(out == edit.value.fill().data() + size);
  return edit;
}

}  // namespace tp::redis
