// AwsChunkedDecoder: takes the aws-chunked coding off a body, in input of any split, without copying the payload.
// Invariant: payload is handed out before its chunk's signature has been seen, so none of it counts until done():
// after an error the caller discards all of it. Memory is bounded: a chunk header 4 KiB, the trailer 16 KiB; a chunk is
// at most 1 GiB (5 GiB when chunks are not signed).
// Spec: S3 API, "Signature calculations: transfer payload in multiple chunks", and the trailer variants.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/hash/sha256.h"
#include "base/result.h"
#include "wire/aws/chunk_signer.h"
#include "wire/aws/payload_mode.h"

namespace tp::wire {

/// Beside SigV4Error::kChunkSignatureMismatch, the reasons in this decoder's errors.
enum class AwsChunkedError : uint16_t {
  kBadChunk = 0x3001,   // IncompleteBody / InvalidRequest: the chunk syntax is wrong
  kWrongLength,         // IncompleteBody: not x-amz-decoded-content-length bytes
  kBadTrailer,          // MalformedTrailerError: syntax, or not the fields that x-amz-trailer declares
  kTruncated,           // IncompleteBody: the body ends inside the coding
};

class AwsChunkedDecoder {
 public:
  struct Field {
    std::string name;   // lower case
    std::string value;
  };
  struct Step {
    size_t consumed_bytes = 0;  // bytes of the input that are dealt with, the payload's included
    BytesView payload;          // a view into the input; empty when this step found none
    bool done = false;
  };
  struct InPlace {
    size_t consumed_bytes = 0;
    size_t payload_bytes = 0;   // payload now at the front of the buffer
    bool done = false;
  };

  /// `mode` is a streaming one. `decoded_bytes` is x-amz-decoded-content-length. `declared_trailer` is the value of
  /// x-amz-trailer (comma-separated names, empty if none): exactly these fields must come. `seed` is needed for the
  /// modes with signed chunks.
  AwsChunkedDecoder(PayloadMode mode, uint64_t decoded_bytes, std::string_view declared_trailer,
                    const VerifiedSignature* seed);

  /// Decodes up to the end of one piece of payload. Consumes all of `in` when it returns no payload and is not done.
  /// Input after done is an error, but for a few CR and LF that some clients add.
  Result<Step> next(BytesView in);
  /// Decodes all of `in` and moves the payload to its front.
  Result<InPlace> decode_in_place(MutableBytes in);
  /// To be called at the end of the body: an error unless it was whole, its length right and every signature true.
  /// (A body that lacks only the very last CRLF is whole: some clients leave it out.)
  Result<void> finish();

  bool done() const noexcept { return state_ == State::kDone; }
  /// The trailer fields, without x-amz-trailer-signature; complete once finish() has succeeded.
  const std::vector<Field>& trailer() const noexcept { return trailer_; }

 private:
  enum class State : uint8_t { kHeader, kData, kDataCr, kDataLf, kTrailer, kEndCr, kEndLf, kDone };

  /// Takes input up to the end of a line; `*complete` says whether the line has ended. Returns how much it took.
  Result<size_t> take_line(BytesView in, size_t limit, bool* complete);
  Result<size_t> take_control(BytesView in);
  Result<void> byte_between_lines(char c);
  Result<void> header_line();
  Result<void> check_chunk_signature();
  Result<void> trailer_line();
  Result<void> end_of_trailer();

  PayloadMode mode_;
  State state_ = State::kHeader;
  std::optional<ChunkSigner> signer_;
  Sha256 hash_;                    // of the chunk being read
  uint64_t decoded_bytes_;
  uint64_t seen_bytes_ = 0;        // payload over all chunks, by their headers
  uint64_t remaining_ = 0;         // bytes of the chunk being read
  std::string line_;               // the header or trailer line being read
  std::string signature_;          // that the chunk being read claims
  std::string trailer_signature_;
  std::string trailer_text_;       // what the trailer's signature covers
  std::vector<std::string> declared_;
  std::vector<Field> trailer_;
  size_t trailer_bytes_ = 0;
  size_t tail_bytes_ = 0;          // CR and LF after the end
};

}  // namespace tp::wire
