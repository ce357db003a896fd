#include "front/s3/post/post_object.h"

#include <algorithm>
#include <cstring>

#include "front/s3/core/s3_request.h"
#include "front/s3/post/post_answer.h"
#include "front/s3/post/post_attributes.h"
#include "front/s3/post/post_form.h"
#include "front/s3/post/post_policy_check.h"

namespace tp::s3 {

namespace {

Task<void> copy_into(plane::ObjectWriter& writer, BytesView data) {
  while (!data.empty()) {
    TP_CO_TRY(const MutableBytes space, co_await writer.space());
    const size_t size = std::min(space.size(), data.size());
    std::memcpy(space.data(), data.data(), size);
    TP_CO_TRY_VOID(co_await writer.filled(size));
    data.remove_prefix(size);
  }
  co_return ok;
}

// Stops as soon as the file is larger than the policy allows: nothing of it is kept.
Task<void> store_file(PostForm& form, plane::ObjectWriter& writer, const std::optional<wire::PostPolicy>& policy) {
  for (;;) {
    TP_CO_TRY(const BytesView data, co_await form.next_file_data());
    if (data.empty()) break;
    if (policy) {
      const auto largest = policy->max_file_bytes();
      if (largest && writer.written_bytes() + data.size() > *largest) co_return s3_fail(S3Code::kEntityTooLarge);
    }
    TP_CO_TRY_VOID(co_await copy_into(writer, data));
  }
  if (policy) TP_CO_TRY_VOID(policy->check_size(writer.written_bytes()));
  co_return ok;
}

}  // namespace

Task<void> post_object(S3Request& request) {
  if (!request.anonymous()) {
    // A signed head would say nothing of the form inside the body, which carries its own signature.
    co_return s3_fail(S3Code::kInvalidArgument, "A form upload is signed by its policy and not by its headers.");
  }
  TP_CO_TRY(PostForm form, PostForm::create(request));
  TP_CO_TRY_VOID(co_await form.read_fields());
  TP_CO_TRY(std::string key, form.key());
  TP_CO_TRY(const std::optional<wire::PostPolicy> policy, check_post_policy(request, form));
  TP_CO_TRY(PostAttributes asked, parse_post_attributes(request, form));
  plane::WriteOptions options;
  options.attributes = std::move(asked.attributes);
  if (asked.checksum_algorithm != ChecksumAlgorithm::kNone) options.checksum_algorithm = asked.checksum_algorithm;
  plane::ObjectRef object{request.bucket, key};
  TP_CO_TRY(const auto writer,
            co_await request.plane.open_writer(request.caller, std::move(object), std::move(options)));
  TP_CO_TRY_VOID(co_await store_file(form, *writer, policy));
  TP_CO_TRY(plane::PutResult stored, co_await writer->commit(std::move(asked.expected)));
  co_return co_await answer_post(request, form, std::move(key), std::move(stored));
}

}  // namespace tp::s3
