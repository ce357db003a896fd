#include "cache/sim/formats/line_reader.h"

#include <cstring>

#include "cache/sim/trace.h"

namespace tp::cache::sim {

Result<std::unique_ptr<LineReader>> LineReader::open(const std::string& path) {
  const gzFile file = gzopen(path.c_str(), "rbe");
  if (file == nullptr) return fail(Code::kNotFound, "cannot open the trace " + path);
  return std::unique_ptr<LineReader>(new LineReader(file, path));
}

std::unexpected<Error> LineReader::malformed(std::string_view what) const {
  return fail(Code::kMalformed, path_ + ":" + std::to_string(number_) + ": " + std::string(what));
}

Result<bool> LineReader::fill() {
  const int got = gzread(file_, buffer_.data(), static_cast<unsigned>(buffer_.size()));
  int error = Z_OK;
  const char* const text = gzerror(file_, &error);
  // A gzip file that was cut off reads as far as it goes and then says Z_BUF_ERROR.
  if (got < 0 || (got == 0 && error != Z_OK && error != Z_STREAM_END)) {
    return fail(Code::kIo, path_ + ": " + (error == Z_ERRNO ? std::strerror(errno) : text));
  }
  at_ = 0;
  end_ = static_cast<size_t>(got);
  return got > 0;
}

Result<bool> LineReader::next(std::string* line) {
  if (!pushed_back_.empty()) {
    *line = std::move(pushed_back_);
    pushed_back_.clear();
    return true;
  }
  line->clear();
  bool any = false;
  while (true) {
    if (at_ == end_) {
      TP_TRY(const bool more, fill());
      if (!more) break;
    }
    any = true;
    const char* const from = buffer_.data() + at_;
    const auto* const stop = static_cast<const char*>(std::memchr(from, '\n', end_ - at_));
    const size_t length = stop == nullptr ? end_ - at_ : static_cast<size_t>(stop - from);
    if (line->size() + length > kMostLineBytes) {
      return fail(Code::kTooLarge, path_ + ":" + std::to_string(number_ + 1) + ": the line is over 64 MiB");
    }
    line->append(from, length);
    at_ += length;
    if (stop == nullptr) continue;
    ++at_;
    ++number_;
    any = false;
    if (!line->empty() && line->back() == '\r') line->pop_back();
    if (line->find_first_not_of(" \t") != std::string::npos) return true;
    line->clear();
  }
  if (!any) return false;
  ++number_;
  if (!line->empty() && line->back() == '\r') line->pop_back();
  return line->find_first_not_of(" \t") != std::string::npos;
}

}  // namespace tp::cache::sim
