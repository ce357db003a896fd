// LineReader: the lines of a file, gunzipped if it is gzip. Internal to the readers.
#pragma once

#include <zlib.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tp::cache::sim {

class LineReader {
 public:
  static Result<std::unique_ptr<LineReader>> open(const std::string& path);
  ~LineReader() { gzclose(file_); }
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  /// The next line that is not blank, without its end; false at the end of the file.
  Result<bool> next(std::string* line);
  uint64_t number() const { return number_; }  // of the line given last, from 1
  /// kMalformed with file and line.
  std::unexpected<Error> malformed(std::string_view what) const;
  /// The line given last comes again.
  void again(std::string line) { pushed_back_ = std::move(line); }

 private:
  LineReader(gzFile file, std::string path) : file_(file), path_(std::move(path)) {}
  Result<bool> fill();
  gzFile file_;
  std::string path_, pushed_back_;
  std::array<char, 1 << 16> buffer_{};
  size_t at_ = 0, end_ = 0;
  uint64_t number_ = 0;
};

}  // namespace tp::cache::sim
