// The canonical request and the string to sign, for both sides of SigV4. Spec: as sigv4.h.
#pragma once

#include <array>
#include <string_view>

#include "base/bytes.h"
#include "base/hash/sha256.h"
#include "base/result.h"
#include "wire/aws/sigv4.h"

namespace tp::wire {

/// Appends the canonical request. `signed_headers` is the list as signed ("host;x-amz-date"); a name that the request
/// lacks gets an empty value. Errors: kMalformed for a bad escape in the path or the query.
Result<void> append_canonical_request(Bytes& out, const SigV4Request& request, std::string_view signed_headers,
                                      std::string_view payload_hash);

/// Appends the path, decoded and encoded again; false on a bad escape.
bool append_canonical_path(Bytes& out, std::string_view path);
/// Appends the sorted query without X-Amz-Signature; false on a bad escape or too many parameters.
bool append_canonical_query(Bytes& out, std::string_view query);

/// "AWS4-HMAC-SHA256\n<date>\n<scope>\n<hash of the canonical request>"
void append_string_to_sign(Bytes& out, std::string_view amz_date, std::string_view scope,
                           std::string_view canonical_request);

/// Lower-case hexadecimal.
std::array<char, 64> hex_of(const Sha256Digest& digest) noexcept;
inline std::string_view as_text(const std::array<char, 64>& hex) noexcept { return {hex.data(), hex.size()}; }

/// Whether `name` is in a list such as "host;x-amz-date".
bool is_signed(std::string_view signed_headers, std::string_view name) noexcept;

}  // namespace tp::wire
