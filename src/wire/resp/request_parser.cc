#include "wire/resp/request_parser.h"

#include <algorithm>

#include "wire/resp/number.h"

namespace tp::wire {

namespace {

constexpr size_t kKeptArguments = 1024;
constexpr size_t kReserveAtMost = 1024;  // a count is only a claim

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// What stands behind a backslash within double quotes; `*at` is at the letter.
char escaped(char letter) {
  switch (letter) {
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'b': return '\b';
    case 'a': return '\a';
    default: return letter;
  }
}

/// Takes a quoted part that begins at `*at` with its quote; false if it does not end, or not before a space.
bool take_quoted(BytesView line, size_t* at, Bytes* out) {
  const char quote = line[*at];
  size_t i = *at + 1;
  for (; i < line.size() && line[i] != quote; ++i) {
    if (line[i] != '\\' || i + 1 == line.size()) {
      out->push_back(line[i]);
      continue;
    }
    if (quote == '\'') {
      if (line[i + 1] == '\'') ++i;
      out->push_back(line[i]);
      continue;
    }
    ++i;
    if (line[i] == 'x' && i + 2 < line.size() && hex_digit(line[i + 1]) >= 0 && hex_digit(line[i + 2]) >= 0) {
      out->push_back(static_cast<char>(hex_digit(line[i + 1]) * 16 + hex_digit(line[i + 2])));
      i += 2;
    } else {
      out->push_back(escaped(line[i]));
    }
  }
  if (i == line.size()) return false;
  *at = i + 1;
  return *at == line.size() || is_space(line[*at]);
}

}  // namespace

RequestParser::Step RequestParser::fail_with(std::string text) {
  error_ = "Protocol error: " + std::move(text);
  return Step::kError;
}

RequestParser::Step RequestParser::parse(BytesView input, bool trusted) {
  if (done_) {
    done_ = false;
    stage_ = Stage::kBegin;
    position_ = 0;
    values_ = 0;
    values_bytes_ = 0;
    arguments_.clear();
    if (arguments_.capacity() > kKeptArguments) std::vector<Argument>().swap(arguments_);
  }
  if (stage_ == Stage::kBegin) {
    if (input.empty()) return Step::kMore;
    inline_ = input[0] != '*';
    const Step step = inline_ ? parse_inline(input) : parse_count(input, trusted);
    if (inline_ || stage_ == Stage::kBegin) {
      done_ = step == Step::kRequest || step == Step::kNothing;
      return step;
    }
  }
  const Step step = parse_bulks(input, trusted);
  done_ = step == Step::kRequest;
  return step;
}

// The number between a header's first character and its "\r\n"; as in Redis, what follows '\r' is not looked at.
RequestParser::Line RequestParser::read_line(BytesView input, int64_t* number, size_t* next) const {
  const size_t end = input.find('\r', position_);
  if (end == BytesView::npos) {
    return input.size() - position_ > limits_.max_inline_bytes ? Line::kTooLong : Line::kMore;
  }
  if (end + 2 > input.size()) return Line::kMore;
  *next = end + 2;
  const auto parsed = parse_integer(input.substr(position_ + 1, end - position_ - 1));
  if (!parsed) return Line::kNoNumber;
  *number = *parsed;
  return Line::kNumber;
}

RequestParser::Step RequestParser::parse_count(BytesView input, bool trusted) {
  int64_t count = 0;
  size_t next = 0;
  const Line line = read_line(input, &count, &next);
  if (line == Line::kMore) return Step::kMore;
  if (line == Line::kTooLong) return fail_with("too big mbulk count string");
  if (line == Line::kNoNumber || count > static_cast<int64_t>(limits_.max_arguments)) {
    return fail_with("invalid multibulk length");
  }
  if (!trusted && count > static_cast<int64_t>(limits_.stranger_arguments)) {
    return fail_with("unauthenticated multibulk length");
  }
  position_ = next;
  if (count <= 0) return Step::kNothing;
  left_ = static_cast<size_t>(count);
  arguments_.reserve(std::min(left_, kReserveAtMost));
  stage_ = Stage::kBulkHead;
  return Step::kMore;
}

RequestParser::Step RequestParser::parse_bulks(BytesView input, bool trusted) {
  Step step = Step::kMore;
  for (;;) {
    if (stage_ == Stage::kBulkHead && !read_bulk_head(input, trusted, &step)) return step;
    if (stage_ == Stage::kBulk && !read_bulk(input, &step)) return step;
    if (stage_ == Stage::kBulkEnd) {
      if (input.size() < position_ + 2) return Step::kMore;
      position_ += 2;
      stage_ = Stage::kBulkHead;
    }
    if (left_ == 0) return Step::kRequest;
  }
}

bool RequestParser::read_bulk_head(BytesView input, bool trusted, Step* step) {
  if (position_ >= input.size()) {
    *step = Step::kMore;
    return false;
  }
  int64_t size = 0;
  size_t next = 0;
  const Line line = read_line(input, &size, &next);
  if (line == Line::kMore) {
    *step = Step::kMore;
    return false;
  }
  if (line == Line::kTooLong) {
    *step = fail_with("too big bulk count string");
  } else if (input[position_] != '$') {
    *step = fail_with(std::string("expected '$', got '") + input[position_] + "'");
  } else if (line == Line::kNoNumber || size < 0 || size > static_cast<int64_t>(limits_.max_bulk_bytes)) {
    *step = fail_with("invalid bulk length");
  } else if (!trusted && size > static_cast<int64_t>(limits_.stranger_bulk_bytes)) {
    *step = fail_with("unauthenticated bulk length");
  } else {
    position_ = next;
    bulk_size_ = static_cast<size_t>(size);
    stage_ = Stage::kBulk;
    return true;
  }
  return false;
}

bool RequestParser::read_bulk(BytesView input, Step* step) {
  const size_t have = input.size() - position_;
  const bool whole = have >= bulk_size_ + 2;
  // With all of its bytes here and only its end missing, it waits for that end.
  if (have <= bulk_size_ && bulk_size_ >= limits_.value_bytes) {
    const bool fits = values_bytes_ + bulk_size_ <= limits_.max_values_bytes;
    *step = fits ? Step::kValue : fail_with("too big request");
    return false;
  }
  if (position_ + bulk_size_ > limits_.max_request_bytes) {
    *step = fail_with("too big request");
    return false;
  }
  if (!whole) {
    *step = Step::kMore;
    return false;
  }
  arguments_.push_back({static_cast<uint32_t>(position_), static_cast<uint32_t>(bulk_size_), false});
  position_ += bulk_size_ + 2;
  --left_;
  stage_ = Stage::kBulkHead;
  return true;
}

void RequestParser::value_taken() {
  arguments_.push_back({static_cast<uint32_t>(values_), static_cast<uint32_t>(bulk_size_), true});
  ++values_;
  values_bytes_ += bulk_size_;
  --left_;
  stage_ = Stage::kBulkEnd;
}

RequestParser::Step RequestParser::parse_inline(BytesView input) {
  const size_t end = input.find('\n');
  if (end == BytesView::npos) {
    if (input.size() > limits_.max_inline_bytes) return fail_with("too big inline request");
    return Step::kMore;
  }
  const bool carriage = end > 0 && input[end - 1] == '\r';
  inline_bytes_.clear();
  if (!split_inline(input.substr(0, carriage ? end - 1 : end))) return fail_with("unbalanced quotes in request");
  position_ = end + 1;
  return arguments_.empty() ? Step::kNothing : Step::kRequest;
}

bool RequestParser::split_inline(BytesView line) {
  size_t at = 0;
  for (;;) {
    while (at < line.size() && is_space(line[at])) ++at;
    if (at == line.size()) return true;
    const size_t begin = inline_bytes_.size();
    while (at < line.size() && !is_space(line[at])) {
      if (line[at] == '"' || line[at] == '\'') {
        if (!take_quoted(line, &at, &inline_bytes_)) return false;
      } else {
        inline_bytes_.push_back(line[at++]);
      }
    }
    arguments_.push_back({static_cast<uint32_t>(begin), static_cast<uint32_t>(inline_bytes_.size() - begin), false});
  }
}

}  // namespace tp::wire
