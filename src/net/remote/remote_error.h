// What a provider says went wrong. S3 and Azure Blob both answer with <Error><Code/><Message/></Error>.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "net/remote/remote_request.h"

namespace tp::net {

struct ProviderError {
  std::string code;     // "NoSuchKey", "BlobNotFound"; empty if the answer says none
  std::string message;  // printable, one line, bounded
};

/// The text of an XML body: Azure puts a byte order mark before it.
BytesView xml_text(BytesView body);

ProviderError read_provider_error(const RemoteAnswer& answer);

/// An answer that is no success, as an Error: kPermissionDenied (401, 403), kNotFound, kOutOfRange (416), kNoSpace (507
/// or a quota), kBusy (429, 503), kUnavailable (other 5xx), kConflict (409, 412), kInvalidArgument (other 4xx, 3xx).
/// `what` begins its message.
Error error_of_answer(const RemoteAnswer& answer, std::string_view what);

/// "bytes=0-99" for [offset, offset + size_bytes); size_bytes > 0.
std::string range_header(uint64_t offset, uint64_t size_bytes);
/// The body of the answer to such a range: exactly those bytes, as the answer itself says. kOutOfRange: the object ends
/// before. kIo: the service answered something else than it was asked for. Else as error_of_answer().
Result<Bytes> take_range(RemoteAnswer answer, uint64_t offset, uint64_t size_bytes, std::string_view what);

}  // namespace tp::net
