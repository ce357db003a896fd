// PostForm: reads a form upload off its request: first the fields, then, piece by piece, the file. Memory is one buffer
// and the fields, both bounded. Lives in the handler's frame.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "front/s3/core/s3_request.h"
#include "wire/upload/post_form_parser.h"

namespace tp::s3 {

class PostForm {
 public:
  /// Errors: PreconditionFailed (RequestIsNotMultiPartContent) unless the body is a form.
  static Result<PostForm> create(S3Request& request);

  /// Reads up to the file. Errors: MalformedPOSTRequest, MaxPostPreDataLengthExceededError,
  /// IncorrectNumberOfFilesInPostRequest.
  Task<void> read_fields();
  /// The next bytes of the file, valid until the next call; empty at its end. IncompleteBody, MalformedPOSTRequest.
  Task<BytesView> next_file_data();

  std::optional<std::string_view> field(std::string_view name) const { return parser_.field(name); }
  const std::vector<wire::FormField>& fields() const { return parser_.fields(); }
  /// The "key" field with ${filename} replaced. Errors: InvalidArgument, KeyTooLongError.
  Result<std::string> key() const;

 private:
  PostForm(S3Request& request, wire::PostFormParser parser);
  /// False: the body has ended.
  Task<bool> fill();
  Result<wire::PostFormParser::Step> parse();

  S3Request* request_;
  wire::PostFormParser parser_;
  std::vector<char> buffer_;
  size_t begin_ = 0;  // unparsed bytes are [begin, end)
  size_t end_ = 0;
};

}  // namespace tp::s3
