#include "front/nfs/state/range_locks.h"

#include <iterator>

namespace tp::nfs::state {

std::optional<ByteRange> byte_range_of(WireRange range) {
  if (range.length == 0) return std::nullopt;
  if (range.length == UINT64_MAX) return ByteRange{range.offset, UINT64_MAX};
  if (range.length - 1 > UINT64_MAX - range.offset) return std::nullopt;
  return ByteRange{range.offset, range.offset + (range.length - 1)};
}

WireRange wire_range_of(ByteRange range) {
  // To the last byte of all is to the end of the file: its length would not even be a number where it begins at 0.
  if (range.last == UINT64_MAX) return {range.first, UINT64_MAX};
  return {range.first, range.last - range.first + 1};
}

std::optional<RangeLocks::Held> RangeLocks::conflict(uint64_t owner, ByteRange range, LockKind kind) const {
  std::optional<Held> found;
  for (const auto& [other, pieces] : owners_) {
    if (other == owner) continue;
    auto piece = pieces.upper_bound(range.first);
    if (piece != pieces.begin() && std::prev(piece)->second.last >= range.first) --piece;
    for (; piece != pieces.end() && piece->first <= range.last; ++piece) {
      if (kind == LockKind::kRead && piece->second.kind == LockKind::kRead) continue;
      if (!found || piece->first < found->range.first) {
        found = Held{other, {piece->first, piece->second.last}, piece->second.kind};
      }
      break;
    }
  }
  return found;
}

void RangeLocks::cut(Pieces& pieces, ByteRange range) {
  auto piece = pieces.upper_bound(range.first);
  if (piece != pieces.begin() && std::prev(piece)->second.last >= range.first) --piece;
  while (piece != pieces.end() && piece->first <= range.last) {
    const uint64_t first = piece->first;
    const Piece whole = piece->second;
    piece = pieces.erase(piece);
    if (first < range.first) pieces.emplace(first, Piece{range.first - 1, whole.kind});
    if (whole.last > range.last) pieces.emplace(range.last + 1, whole);
    if (whole.last >= range.last) break;
  }
}

void RangeLocks::set(uint64_t owner, ByteRange range, LockKind kind) {
  Pieces& pieces = owners_[owner];
  cut(pieces, range);
  auto next = pieces.upper_bound(range.first);
  if (next != pieces.begin()) {
    const auto before = std::prev(next);
    if (before->second.kind == kind && before->second.last + 1 == range.first) {  // range.first > 0: it is behind
      range.first = before->first;
      pieces.erase(before);
    }
  }
  if (next != pieces.end() && next->second.kind == kind && next->first - 1 == range.last) {
    range.last = next->second.last;
    pieces.erase(next);
  }
  pieces.emplace(range.first, Piece{range.last, kind});
}

void RangeLocks::clear(uint64_t owner, ByteRange range) {
  const auto found = owners_.find(owner);
  if (found == owners_.end()) return;
  cut(found->second, range);
  if (found->second.empty()) owners_.erase(found);
}

size_t RangeLocks::count(uint64_t owner) const {
  const auto found = owners_.find(owner);
  return found == owners_.end() ? 0 : found->second.size();
}

}  // namespace tp::nfs::state
