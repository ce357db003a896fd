#include "plane/versions/delete_marker.h"

#include <charconv>

#include "plane/reason.h"

namespace tp::plane {

Error delete_marker_error(Code code, const DeleteMarkerNews& news) {
  Error error(code, news.version + ' ' + std::to_string(news.modified) + " is a delete marker");
  error.reason = static_cast<uint16_t>(Reason::kDeleteMarker);
  return error;
}

std::optional<DeleteMarkerNews> delete_marker_of(const Error& error) {
  if (error.reason != static_cast<uint16_t>(Reason::kDeleteMarker)) return std::nullopt;
  const std::string& text = error.message;
  const size_t space = text.find(' ');
  if (space == std::string::npos) return std::nullopt;
  DeleteMarkerNews news;
  news.version = text.substr(0, space);
  std::from_chars(text.data() + space + 1, text.data() + text.size(), news.modified);
  return news;
}

}  // namespace tp::plane
