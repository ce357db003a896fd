#include "plane/content/parts/overlay.h"

#include <algorithm>

namespace tp::plane {
namespace {

/// Smaller writes are copied: what carries them may be much larger.
constexpr size_t kCopyBytes = 64 << 10;
constexpr uint64_t kPieceOverhead = 128;

Payload copy_of(BytesView bytes) {
  auto copy = std::make_shared<const Bytes>(bytes);
  Payload payload;
  payload.bytes = *copy;
  payload.owner = std::move(copy);
  return payload;
}

}  // namespace

void Overlay::put(uint64_t offset, Piece piece) {
  if (piece.data.bytes.size() * 2 < piece.held_bytes) {
    piece.data = copy_of(piece.data.bytes);
    piece.held_bytes = piece.data.bytes.size();
  }
  charge_ += piece.data.bytes.size() + kPieceOverhead;
  pieces_.insert_or_assign(offset, std::move(piece));
}

void Overlay::cut(uint64_t from, uint64_t to) {
  auto at = pieces_.upper_bound(from);
  if (at != pieces_.begin()) --at;
  while (at != pieces_.end() && at->first < to) {
    const uint64_t begin = at->first, end = begin + at->second.data.bytes.size();
    if (end <= from) {
      ++at;
      continue;
    }
    Piece old = std::move(at->second);
    at = pieces_.erase(at);
    charge_ -= old.data.bytes.size() + kPieceOverhead;
    if (begin < from) {
      Piece left = old;
      left.data.bytes = old.data.bytes.substr(0, from - begin);
      put(begin, std::move(left));
    }
    if (end > to) {
      Piece right = old;
      right.data.bytes = old.data.bytes.substr(to - begin);
      put(to, std::move(right));
    }
  }
}

void Overlay::write(uint64_t offset, Payload data) {
  if (data.bytes.empty()) return;
  cut(offset, offset + data.bytes.size());
  Piece piece;
  piece.id = ++last_id_;
  piece.held_bytes = data.bytes.size();
  piece.data = data.bytes.size() < kCopyBytes || data.owner == nullptr ? copy_of(data.bytes) : std::move(data);
  put(offset, std::move(piece));
}

std::vector<Overlay::Run> Overlay::read(uint64_t from, uint64_t to, uint64_t max_bytes, size_t max_stretches) const {
  std::vector<Run> runs;
  uint64_t bytes = 0;
  size_t stretches = 0;
  auto at = pieces_.upper_bound(from);
  if (at != pieces_.begin()) --at;
  for (; at != pieces_.end() && at->first < to; ++at) {
    const uint64_t begin = std::max(at->first, from);
    const uint64_t end = std::min(at->first + at->second.data.bytes.size(), to);
    if (begin >= end) continue;
    if (runs.empty() || runs.back().end() != begin) ++stretches;
    if (bytes >= max_bytes || stretches > max_stretches) break;
    bytes += end - begin;
    Run run{begin, at->second.data};
    run.data.bytes = run.data.bytes.substr(begin - at->first, end - begin);
    runs.push_back(std::move(run));
  }
  return runs;
}

void Overlay::drop(uint64_t id, uint64_t from, uint64_t to) {
  for (auto at = pieces_.lower_bound(from); at != pieces_.end() && at->first < to;) {
    if (at->second.id > id || at->first + at->second.data.bytes.size() > to) {
      ++at;
      continue;
    }
    charge_ -= at->second.data.bytes.size() + kPieceOverhead;
    at = pieces_.erase(at);
  }
}

void Overlay::clear() { drop(last_id_); }

uint64_t Overlay::end() const {
  if (pieces_.empty()) return 0;
  const auto& [offset, piece] = *pieces_.rbegin();
  return offset + piece.data.bytes.size();
}

}  // namespace tp::plane
