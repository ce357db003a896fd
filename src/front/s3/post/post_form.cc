#include "front/s3/post/post_form.h"

#include "front/s3/core/router.h"

namespace tp::s3 {

namespace {
constexpr size_t kBufferBytes = 64 << 10;
constexpr std::string_view kFilenameVariable = "${filename}";
}  // namespace

PostForm::PostForm(S3Request& request, wire::PostFormParser parser)
    : request_(&request), parser_(std::move(parser)), buffer_(kBufferBytes) {}

Result<PostForm> PostForm::create(S3Request& request) {
  auto parser = wire::PostFormParser::create(request.header(HeaderId::kContentType));
  if (!parser) return s3_fail(S3Code::kRequestIsNotMultiPartContent);
  return PostForm(request, std::move(*parser));
}

Task<bool> PostForm::fill() {
  TP_CO_TRY(end_, co_await request_->http.read_body(buffer_));
  begin_ = 0;
  co_return end_ > 0;
}

Result<wire::PostFormParser::Step> PostForm::parse() {
  auto step = parser_.next(BytesView(buffer_.data() + begin_, end_ - begin_));
  if (step) {
    begin_ += step->consumed_bytes;
    return step;
  }
  return s3_fail(step.error().code == Code::kTooLarge ? S3Code::kMaxPostPreDataLengthExceededError
                                                      : S3Code::kMalformedPostRequest);
}

Task<void> PostForm::read_fields() {
  for (;;) {
    if (begin_ == end_) {
      TP_CO_TRY(const bool more, co_await fill());
      if (!more) co_return s3_fail(S3Code::kIncorrectNumberOfFilesInPostRequest);
    }
    TP_CO_TRY(const wire::PostFormParser::Step step, parse());
    if (step.file_started) co_return ok;
    if (step.done) co_return s3_fail(S3Code::kIncorrectNumberOfFilesInPostRequest);
  }
}

Task<BytesView> PostForm::next_file_data() {
  while (!parser_.done()) {
    if (begin_ == end_) {
      TP_CO_TRY(const bool more, co_await fill());
      if (!more) co_return s3_fail(S3Code::kIncompleteBody);
    }
    TP_CO_TRY(const wire::PostFormParser::Step step, parse());
    if (!step.file_data.empty()) co_return step.file_data;
  }
  co_return BytesView();
}

Result<std::string> PostForm::key() const {
  const auto field_value = field("key");
  if (!field_value) {
    return s3_fail(S3Code::kInvalidArgument, "Bucket POST must contain a field named 'key'.  If it is specified, "
                                             "please check the order of the fields.");
  }
  std::string key;
  std::string_view rest = *field_value;
  for (size_t at = rest.find(kFilenameVariable); at != std::string_view::npos; at = rest.find(kFilenameVariable)) {
    key += rest.substr(0, at);
    if (parser_.file()) key += parser_.file()->filename;
    rest.remove_prefix(at + kFilenameVariable.size());
  }
  key += rest;
  TP_TRY_VOID(check_key(key));
  return key;
}

}  // namespace tp::s3
