#include "wire/upload/post_form_parser.h"

#include <algorithm>
#include <cstring>

#include "wire/http/header.h"

namespace tp::wire {

namespace {

constexpr size_t kMaxBoundaryBytes = 70;  // RFC 2046 §5.1.1
constexpr size_t kMaxDelimiterLineBytes = 256;
constexpr size_t kMaxFileNameBytes = 4 * 1024;

bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// The next `; name=value` of a header value, taken off its front. Only \" is an escape: browsers send \ as it is.
struct HeaderParam {
  std::string_view name;
  std::string value;
};

std::optional<HeaderParam> take_param(std::string_view& text) {
  const size_t semicolon = text.find(';');
  if (semicolon == std::string_view::npos) return std::nullopt;
  text.remove_prefix(semicolon + 1);
  HeaderParam param;
  const size_t equals = text.find_first_of("=;");
  if (equals == std::string_view::npos || text[equals] == ';') {
    param.name = trim(text.substr(0, equals));
    text.remove_prefix(std::min(equals, text.size()));
    return param;
  }
  param.name = trim(text.substr(0, equals));
  text.remove_prefix(equals + 1);
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  if (text.empty() || text.front() != '"') {
    param.value = trim(text.substr(0, text.find(';')));
    text.remove_prefix(std::min(text.find(';'), text.size()));
    return param;
  }
  size_t at = 1;
  for (; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\' && at + 1 < text.size() && text[at + 1] == '"') ++at;
    param.value += text[at];
  }
  text.remove_prefix(std::min(at + 1, text.size()));
  return param;
}

bool is_boundary(std::string_view boundary) noexcept {
  if (boundary.empty() || boundary.size() > kMaxBoundaryBytes || boundary.back() == ' ') return false;
  return std::all_of(boundary.begin(), boundary.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

}  // namespace

PostFormParser::PostFormParser(std::string_view boundary, const PostFormLimits& limits)
    : limits_(limits), delimiter_("\r\n--") {
  delimiter_ += boundary;
  matched_ = 2;  // the first delimiter needs no line break before it
}

Result<PostFormParser> PostFormParser::create(std::string_view content_type, const PostFormLimits& limits) {
  std::string_view rest = content_type;
  if (!equal_ignoring_case(trim(rest.substr(0, rest.find(';'))), "multipart/form-data")) {
    return fail(Code::kMalformed, "the body is not multipart/form-data");
  }
  while (const std::optional<HeaderParam> param = take_param(rest)) {
    if (equal_ignoring_case(param->name, "boundary") && is_boundary(param->value)) {
      return PostFormParser(param->value, limits);
    }
  }
  return fail(Code::kMalformed, "the multipart/form-data has no usable boundary");
}

size_t PostFormParser::take_content(BytesView in, BytesView* data, bool* ended) {
  if (matched_ > 0) {
    size_t taken = 0;
    while (taken < in.size() && matched_ < delimiter_.size() && in[taken] == delimiter_[matched_]) {
      ++taken;
      ++matched_;
    }
    *ended = matched_ == delimiter_.size();
    if (!*ended && taken == in.size()) return taken;
    // What was held back is content after all. No delimiter can begin inside it: it has one CR, its first byte.
    if (!*ended) *data = std::string_view(delimiter_).substr(0, matched_);
    matched_ = 0;
    return taken;
  }
  for (size_t at = 0; at < in.size();) {
    const void* found = std::memchr(in.data() + at, '\r', in.size() - at);
    if (found == nullptr) break;
    at = static_cast<size_t>(static_cast<const char*>(found) - in.data());
    const BytesView candidate = in.substr(at, delimiter_.size());
    if (candidate != std::string_view(delimiter_).substr(0, candidate.size())) {
      ++at;
      continue;
    }
    if (at > 0) {
      *data = in.substr(0, at);
      return at;
    }
    *ended = candidate.size() == delimiter_.size();
    matched_ = *ended ? 0 : candidate.size();
    return candidate.size();
  }
  *data = in;
  return in.size();
}

Result<size_t> PostFormParser::preamble(BytesView in) {
  BytesView ignored;
  bool ended = false;
  const size_t taken = take_content(in, &ignored, &ended);
  if (ended) state_ = State::kAfterDelimiter;
  return taken;
}

Result<size_t> PostFormParser::take_line(BytesView in, size_t limit, bool* complete) {
  const size_t newline = in.find('\n');
  *complete = newline != BytesView::npos;
  const size_t taken = *complete ? newline + 1 : in.size();
  if (scratch_.size() + taken > limit) return fail(Code::kTooLarge, "the form: a part's head is too large");
  scratch_.append(in.data(), taken);
  return taken;
}

Result<size_t> PostFormParser::after_delimiter(BytesView in) {
  bool complete = false;
  TP_TRY(const size_t taken, take_line(in, kMaxDelimiterLineBytes, &complete));
  if (scratch_.starts_with("--")) return fail(Code::kMalformed, "the form has no file");
  if (!complete) return taken;
  if (scratch_.find_first_not_of(" \t") != scratch_.size() - 2 || !scratch_.ends_with("\r\n")) {
    return fail(Code::kMalformed, "the form: a bad boundary line");
  }
  scratch_.clear();
  state_ = State::kPartHead;
  return taken;
}

Result<size_t> PostFormParser::part_head(BytesView in) {
  bool complete = false;
  TP_TRY(const size_t taken, take_line(in, limits_.max_part_head_bytes, &complete));
  if (complete && (scratch_ == "\r\n" || scratch_.ends_with("\r\n\r\n"))) TP_TRY_VOID(end_part_head());
  return taken;
}

Result<void> PostFormParser::end_part_head() {
  std::optional<std::string> name;
  FilePart part;
  for (std::string_view rest = scratch_; !rest.empty();) {
    std::string_view line = rest.substr(0, rest.find("\r\n"));
    rest.remove_prefix(std::min(rest.size(), line.size() + 2));
    const size_t colon = line.find(':');
    if (line.empty()) continue;
    if (colon == std::string_view::npos) return fail(Code::kMalformed, "the form: a bad header in a part");
    const std::string_view header = trim(line.substr(0, colon));
    line.remove_prefix(colon + 1);
    if (equal_ignoring_case(header, "content-type")) part.content_type = trim(line);
    if (!equal_ignoring_case(header, "content-disposition")) continue;
    while (std::optional<HeaderParam> param = take_param(line)) {
      if (equal_ignoring_case(param->name, "name")) name = std::move(param->value);
      if (equal_ignoring_case(param->name, "filename")) part.filename = std::move(param->value);
    }
  }
  scratch_.clear();
  if (!name || name->empty()) return fail(Code::kMalformed, "the form: a part has no name");
  if (equal_ignoring_case(*name, "file")) {
    const size_t slash = part.filename.find_last_of("/\\");
    if (slash != std::string::npos) part.filename.erase(0, slash + 1);
    if (part.filename.size() > kMaxFileNameBytes) return fail(Code::kTooLarge, "the form: the file name is too long");
    file_ = std::move(part);
    state_ = State::kFile;
    return ok;
  }
  fields_bytes_ += name->size();
  if (fields_.size() == limits_.max_fields || fields_bytes_ > limits_.max_fields_bytes) {
    return fail(Code::kTooLarge, "the form has too many fields");
  }
  fields_.push_back({std::move(*name), {}});
  state_ = State::kFieldValue;
  return ok;
}

Result<size_t> PostFormParser::field_value(BytesView in) {
  BytesView data;
  bool ended = false;
  const size_t taken = take_content(in, &data, &ended);
  std::string& value = fields_.back().value;
  fields_bytes_ += data.size();
  if (value.size() + data.size() > limits_.max_field_bytes || fields_bytes_ > limits_.max_fields_bytes) {
    return fail(Code::kTooLarge, "the form: a field is too large");
  }
  value.append(data);
  if (ended) state_ = State::kAfterDelimiter;
  return taken;
}

Result<PostFormParser::Step> PostFormParser::next(BytesView in) {
  Step step;
  while (step.consumed_bytes < in.size() && state_ != State::kDone) {
    const BytesView rest = in.substr(step.consumed_bytes);
    if (state_ == State::kFile) {
      bool ended = false;
      step.consumed_bytes += take_content(rest, &step.file_data, &ended);
      if (ended) state_ = State::kDone;
      if (!step.file_data.empty()) return step;
      continue;
    }
    size_t taken = 0;
    switch (state_) {
      case State::kPreamble: {
        TP_TRY(taken, preamble(rest));
        break;
      }
      case State::kAfterDelimiter: {
        TP_TRY(taken, after_delimiter(rest));
        break;
      }
      case State::kPartHead: {
        TP_TRY(taken, part_head(rest));
        break;
      }
      default: {
        TP_TRY(taken, field_value(rest));
        break;
      }
    }
    step.consumed_bytes += taken;
    if (state_ == State::kFile) {
      step.file_started = true;
      return step;
    }
  }
  step.done = state_ == State::kDone;
  return step;
}

std::optional<std::string_view> PostFormParser::field(std::string_view name) const noexcept {
  for (const FormField& field : fields_) {
    if (equal_ignoring_case(field.name, name)) return field.value;
  }
  return std::nullopt;
}

}  // namespace tp::wire
