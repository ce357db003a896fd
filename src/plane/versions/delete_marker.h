// What an error of Reason::kDeleteMarker says of the marker, for fronts that tell their clients. kNotFound: the latest
// version of the key is one; any other code: the version asked for is one.
#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "rt/env/clock.h"

namespace tp::plane {

struct DeleteMarkerNews {
  std::string version;     // its id
  rt::Nanos modified = 0;  // wall
};

/// The message carries the news.
Error delete_marker_error(Code code, const DeleteMarkerNews& news);
/// Nothing if the error is not about a delete marker.
std::optional<DeleteMarkerNews> delete_marker_of(const Error& error);

}  // namespace tp::plane
