// Profile: what a cache volume holds: the identity of the model whose state it is, what a token of it weighs, what it
// costs to compute again. Read from a TOML file (docs/cache.md#profiles); kept as text in the volume's record.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace tp::cache {

/// All that must be equal for one engine's bytes to mean the same to another.
struct Identity {
  std::string model, tokenizer, engine, dtype, layout;
  uint32_t tensor_parallel = 1, rank = 0;
  friend bool operator==(const Identity&, const Identity&) = default;

  /// Canonical "model=...;tokenizer=...;..." : equal identities have equal text.
  std::string text() const;
  /// Takes "rank=3", "model=..." over the present values (TP.BIND's arguments). kInvalidArgument names the field.
  Result<void> set(std::string_view field_and_value);
};

struct Profile {
  std::string name;
  Identity identity;
  double bytes_per_token = 0;   // of one rank
  uint32_t block_tokens = 0;    // of a usual entry; 0: by size / bytes_per_token
  /// (context tokens, seconds): modelled time to prefill a prompt of that many tokens; straight lines between points,
  /// from (0, 0), the last slope beyond.
  std::vector<std::pair<double, double>> prefill_seconds;
  double gpu_dollars_per_hour = 0;
  double gpus = 1;

  /// Seconds to compute tokens [first, first + count) given those before them.
  double seconds(uint64_t first_token, uint64_t count) const;
  double dollars(double seconds) const { return seconds / 3600 * gpu_dollars_per_hour * gpus; }
};

/// kInvalidArgument names the key and the line.
Result<Profile> parse_profile(const std::string& toml_text);
std::string profile_text(const Profile& profile);

}  // namespace tp::cache
