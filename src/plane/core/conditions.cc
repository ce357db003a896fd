#include "plane/core/namespace.h"
#include "plane/reason.h"

namespace tp::plane {
namespace {

rt::Nanos seconds_of(rt::Nanos time) { return time / rt::kSecond; }

Error precondition_failed(const char* what) {
  return Error(Code::kPreconditionFailed, std::string(what) + " does not hold");
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

bool etag_listed(std::string_view list, std::string_view etag) {
  // Our ETags have no commas, so the list may be cut at them.
  while (!list.empty()) {
    size_t comma = list.find(',');
    std::string_view tag = trimmed(list.substr(0, comma));
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    if (tag == "*") return true;
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag.size() >= 2 && tag.front() == '"' && tag.back() == '"') tag = tag.substr(1, tag.size() - 2);
    if (!tag.empty() && tag == etag) return true;
  }
  return false;
}

ReadVerdict evaluate(const ReadConditions& conditions, const meta::InodeRecord& record) {
  rt::Nanos modified = seconds_of(record.modified);
  if (conditions.if_match) {
    if (!etag_listed(*conditions.if_match, record.etag)) return ReadVerdict::kFailed;
  } else if (conditions.if_unmodified_since && modified > seconds_of(*conditions.if_unmodified_since)) {
    return ReadVerdict::kFailed;
  }
  if (conditions.if_none_match) {
    if (etag_listed(*conditions.if_none_match, record.etag)) return ReadVerdict::kNotModified;
  } else if (conditions.if_modified_since && modified <= seconds_of(*conditions.if_modified_since)) {
    return ReadVerdict::kNotModified;
  }
  return ReadVerdict::kProceed;
}

Result<void> check_conditions(const WriteConditions& conditions, const meta::InodeRecord* record) {
  if (conditions.if_none_match_any && record != nullptr) return std::unexpected(precondition_failed("If-None-Match"));
  if (conditions.if_match) {
    if (record == nullptr) return fail(Code::kNotFound, Reason::kNoSuchKey, "there is no such key");
    if (!etag_listed(*conditions.if_match, record->etag)) return std::unexpected(precondition_failed("If-Match"));
  }
  if (conditions.if_modified_time) {
    if (record == nullptr || seconds_of(record->modified) != seconds_of(*conditions.if_modified_time)) {
      return std::unexpected(precondition_failed("x-amz-if-match-last-modified-time"));
    }
  }
  if (conditions.if_size && (record == nullptr || record->size_bytes != *conditions.if_size)) {
    return std::unexpected(precondition_failed("x-amz-if-match-size"));
  }
  return ok;
}

}  // namespace tp::plane
