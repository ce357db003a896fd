#include "plane/content/overlay.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace tp::plane {

void Overlay::carve(uint64_t from, uint64_t to) {
  auto at = pieces_.upper_bound(from);
  if (at != pieces_.begin()) --at;
  while (at != pieces_.end() && at->first < to) {
    const uint64_t begin = at->first;
    const uint64_t end = begin + at->second.data.bytes.size();
    if (end <= from) {
      ++at;
      continue;
    }
    Piece piece = std::move(at->second);
    at = pieces_.erase(at);
    size_bytes_ -= end - begin;
    if (begin < from) {
      Piece left = piece;
      left.data.bytes = piece.data.bytes.substr(0, from - begin);
      size_bytes_ += from - begin;
      pieces_.emplace(begin, std::move(left));
    }
    if (end > to) {
      piece.data.bytes.remove_prefix(to - begin);
      size_bytes_ += end - to;
      at = std::next(pieces_.emplace(to, std::move(piece)).first);
    }
  }
}

void Overlay::write(uint64_t offset, Payload data) {
  if (data.bytes.empty()) return;
  carve(offset, offset + data.bytes.size());
  size_bytes_ += data.bytes.size();
  pieces_[offset] = {std::move(data), ++newest_};
}

std::vector<Overlay::Run> Overlay::runs(uint64_t from, uint64_t to) const {
  std::vector<Run> found;
  auto at = pieces_.upper_bound(from);
  if (at != pieces_.begin()) --at;
  for (; at != pieces_.end() && at->first < to; ++at) {
    const uint64_t end = at->first + at->second.data.bytes.size();
    if (end <= from) continue;
    Run run{std::max(at->first, from), at->second.data};
    run.data.bytes = run.data.bytes.substr(run.offset - at->first, std::min(end, to) - run.offset);
    found.push_back(std::move(run));
  }
  return found;
}

void Overlay::forget(uint64_t newest) {
  for (auto at = pieces_.begin(); at != pieces_.end();) {
    if (at->second.number > newest) {
      ++at;
      continue;
    }
    size_bytes_ -= at->second.data.bytes.size();
    at = pieces_.erase(at);
  }
}

uint64_t Overlay::end() const {
  if (pieces_.empty()) return 0;
  const auto& [offset, piece] = *pieces_.rbegin();
  return offset + piece.data.bytes.size();
}

}  // namespace tp::plane
