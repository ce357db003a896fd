// Reply: the replies of one batch of commands, in order: small ones as text, long values by reference, sent from where
// they lie. Invariant: a value is kept until it is sent or cut away.
#pragma once

#include <vector>

#include "cache/value.h"
#include "io/stream.h"
#include "rt/task.h"
#include "wire/resp/resp_writer.h"

namespace tp::redis {

class Reply : public wire::RespWriter {
 public:
  /// A bulk string.
  void value(const cache::Value& value) { value_part(value, 0, value.size()); }
  void value_part(const cache::Value& value, size_t offset, size_t size);

  /// Of all replies, values included.
  size_t bytes() const { return out_.size() + held_bytes_; }
  bool empty() const { return out_.empty(); }

  struct Mark {
    size_t text_bytes = 0, parts = 0, held_bytes = 0;
  };
  Mark mark() const { return {out_.size(), parts_.size(), held_bytes_}; }
  /// Whether an error came first after the mark.
  bool aborted_since(const Mark& mark) const { return out_.size() > mark.text_bytes && out_[mark.text_bytes] == '-'; }
  /// Takes back what came after the mark.
  void cut(const Mark& mark);

  /// Sends all and is empty then, whatever came of it.
  Task<void> send(io::Stream* stream);

 private:
  // out_ up to an offset, then these bytes.
  struct Part {
    size_t text_end = 0;
    cache::Value value;
    size_t offset = 0, size = 0;
  };
  void clear();

  std::vector<Part> parts_;
  size_t held_bytes_ = 0;
  std::vector<BytesView> pieces_;  // of the write under way
};

}  // namespace tp::redis
