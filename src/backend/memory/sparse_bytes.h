// SparseBytes: the contents of a file in memory, a page at a time, so that a file with large holes or reserved space
// costs what was written. A value; bytes never written read as zeros.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>

#include "base/bytes.h"

namespace tp::memory {

class SparseBytes {
 public:
  SparseBytes() = default;
  SparseBytes(SparseBytes&&) = default;
  SparseBytes& operator=(SparseBytes&&) = default;
  SparseBytes(const SparseBytes& other) : size_(other.size_) {
    for (const auto& [index, page] : other.pages_) pages_[index] = std::make_unique<Page>(*page);
  }
  SparseBytes& operator=(const SparseBytes& other) { return *this = SparseBytes(other); }

  uint64_t size() const { return size_; }
  uint64_t stored_bytes() const { return pages_.size() * kPageBytes; }
  void grow(uint64_t size) { size_ = std::max(size_, size); }

  void write(uint64_t offset, BytesView data) {
    grow(offset + data.size());
    while (!data.empty()) {
      const size_t inside = offset % kPageBytes;
      const size_t step = std::min(data.size(), kPageBytes - inside);
      auto& page = pages_[offset / kPageBytes];
      if (page == nullptr) page = std::make_unique<Page>();
      std::memcpy(page->data() + inside, data.data(), step);
      offset += step;
      data.remove_prefix(step);
    }
  }

  /// The range lies inside size().
  void read(uint64_t offset, MutableBytes out) const {
    for (size_t done = 0; done < out.size();) {
      const size_t inside = (offset + done) % kPageBytes;
      const size_t step = std::min(out.size() - done, kPageBytes - inside);
      const auto page = pages_.find((offset + done) / kPageBytes);
      if (page == pages_.end()) {
        std::memset(out.data() + done, 0, step);
      } else {
        std::memcpy(out.data() + done, page->second->data() + inside, step);
      }
      done += step;
    }
  }

  /// Whole pages go; the parts of pages at the ends are zeroed.
  void punch(uint64_t offset, uint64_t size) {
    const uint64_t end = std::min(offset + size, size_);
    while (offset < end) {
      const uint64_t inside = offset % kPageBytes;
      const uint64_t step = std::min(end - offset, kPageBytes - inside);
      const auto page = pages_.find(offset / kPageBytes);
      if (page != pages_.end()) {
        if (step == kPageBytes) {
          pages_.erase(page);
        } else {
          std::memset(page->second->data() + inside, 0, step);
        }
      }
      offset += step;
    }
  }

 private:
  static constexpr size_t kPageBytes = 4096;
  using Page = std::array<char, kPageBytes>;
  std::map<uint64_t, std::unique_ptr<Page>> pages_;
  uint64_t size_ = 0;
};

}  // namespace tp::memory
