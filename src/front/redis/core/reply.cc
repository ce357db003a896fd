#include "front/redis/core/reply.h"

namespace tp::redis {

namespace {
constexpr size_t kGatherBytes = 16 << 10;  // up to here a copy costs less than a piece of its own
constexpr size_t kKeptBytes = 64 << 10;
constexpr size_t kKeptParts = 256;
}  // namespace

void Reply::value_part(const cache::Value& value, size_t offset, size_t size) {
  bulk_head(size);
  if (size <= kGatherBytes) {
    out_.append(value.view().substr(offset, size));
  } else {
    parts_.push_back({out_.size(), value, offset, size});
    held_bytes_ += size;
  }
  bulk_end();
}

void Reply::cut(const Mark& mark) {
  out_.resize(mark.text_bytes);
  parts_.resize(mark.parts);
  held_bytes_ = mark.held_bytes;
}

void Reply::clear() {
  out_.clear();
  if (out_.capacity() > kKeptBytes) Bytes().swap(out_);
  parts_.clear();
  if (parts_.capacity() > kKeptParts) std::vector<Part>().swap(parts_);
  pieces_.clear();
  if (pieces_.capacity() > 2 * kKeptParts) std::vector<BytesView>().swap(pieces_);
  held_bytes_ = 0;
}

Task<void> Reply::send(io::Stream* stream) {
  const BytesView text = out_;
  size_t begin = 0;
  for (const Part& part : parts_) {
    pieces_.push_back(text.substr(begin, part.text_end - begin));
    pieces_.push_back(part.value.view().substr(part.offset, part.size));
    begin = part.text_end;
  }
  pieces_.push_back(text.substr(begin));
  const Result<void> sent = co_await stream->write_all(pieces_);
  clear();
  co_return sent;
}

}  // namespace tp::redis
