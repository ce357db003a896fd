// PostFormParser: a browser upload's multipart/form-data body, in input of any split. Fields before the file are kept
// (bounded), the file is streamed without copying; whatever follows the file is ignored, as S3 does.
// Spec: RFC 7578, RFC 2046 §5.1.1; S3 API, "POST Object".
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace tp::wire {

struct PostFormLimits {
  size_t max_field_bytes = 20 * 1024;
  size_t max_fields_bytes = 1024 * 1024;  // names and values together
  size_t max_fields = 200;
  size_t max_part_head_bytes = 8 * 1024;
};

struct FormField {
  std::string name;   // as sent; S3 compares it without case
  std::string value;
};

class PostFormParser {
 public:
  struct FilePart {
    std::string filename;      // the last path component, as browsers may send a whole path
    std::string content_type;  // of the part; empty if none
  };
  struct Step {
    size_t consumed_bytes = 0;
    BytesView file_data;       // a view into the input or into the parser, valid until the next call
    bool file_started = false; // fields() and file() are complete: decide before reading on
    bool done = false;         // the file has ended; the rest of the body may be drained unread
  };

  /// `content_type` is the request's Content-Type. Errors: kMalformed unless it is multipart/form-data with a boundary.
  static Result<PostFormParser> create(std::string_view content_type, const PostFormLimits& limits = {});

  /// Parses up to the start of the file, one piece of file data, or the end. Consumes all of `in` when it reports none
  /// of these. Errors: kTooLarge over a limit, kMalformed otherwise.
  Result<Step> next(BytesView in);

  const std::vector<FormField>& fields() const noexcept { return fields_; }
  /// The value of the first field of that name (any case).
  std::optional<std::string_view> field(std::string_view name) const noexcept;
  /// Set once the file part has started.
  const std::optional<FilePart>& file() const noexcept { return file_; }
  bool done() const noexcept { return state_ == State::kDone; }

 private:
  enum class State : uint8_t { kPreamble, kAfterDelimiter, kPartHead, kFieldValue, kFile, kDone };

  PostFormParser(std::string_view boundary, const PostFormLimits& limits);

  /// Takes part content up to the delimiter. Returns how much input it took; `*data` is the content found, `*ended`
  /// whether the delimiter has been seen. Makes progress on any input.
  size_t take_content(BytesView in, BytesView* data, bool* ended);
  /// Takes input up to the end of a line into scratch_.
  Result<size_t> take_line(BytesView in, size_t limit, bool* complete);
  Result<size_t> preamble(BytesView in);
  Result<size_t> after_delimiter(BytesView in);
  Result<size_t> part_head(BytesView in);
  Result<size_t> field_value(BytesView in);
  Result<void> end_part_head();

  PostFormLimits limits_;
  std::string delimiter_;       // "\r\n--boundary"
  State state_ = State::kPreamble;
  size_t matched_ = 0;          // bytes of the delimiter that the input so far ends in
  std::string scratch_;         // the part head, or the rest of a delimiter's line
  size_t fields_bytes_ = 0;
  std::vector<FormField> fields_;
  std::optional<FilePart> file_;
};

}  // namespace tp::wire
