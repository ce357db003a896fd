// ListText: how names and times stand in S3's listings: names as they are or URL-encoded, always XML-escaped; times in
// whole seconds, as HEAD shows them. Made for a thousand entries a call: it appends and allocates nothing of its own.
// Belongs to one answer. Spec: S3 API, "ListObjects": encoding-type.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "rt/env/clock.h"

namespace tp::s3 {

class ListText {
 public:
  /// `out` outlives it. `url_encoded`: the client asked for encoding-type=url.
  ListText(Bytes& out, bool url_encoded) : out_(&out), url_encoded_(url_encoded) {}

  /// <tag>name</tag>, the name encoded as asked. `tag` is a trusted literal.
  void name_element(std::string_view tag, BytesView name);
  /// <tag>2026-11-23T06:00:00.000Z</tag>
  void time_element(std::string_view tag, rt::Nanos wall);
  /// Trusted markup as it is.
  void raw(std::string_view markup) { out_->append(markup); }

  bool url_encoded() const { return url_encoded_; }

 private:
  Bytes* out_;
  bool url_encoded_;
  int64_t second_ = -1;                // the second that time_text_ is of
  std::array<char, 24> time_text_{};
};

/// As S3 encodes names in listings: '/' and unreserved characters stay, everything else is %XX. (A space becomes %20
/// and not '+': every decoder, with or without the plus rule, reads it back.)
void append_listing_encoded(Bytes& out, BytesView name);

}  // namespace tp::s3
