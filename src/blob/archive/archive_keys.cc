#include "blob/archive/archive_keys.h"

#include <array>

namespace tp::blob {

namespace {

constexpr size_t kKeyBytes = 32;
constexpr BytesView kFingerprintLabel = "tokenplane archive key fingerprint";

BytesView trimmed(BytesView line) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!line.empty() && is_space(line.front())) line.remove_prefix(1);
  while (!line.empty() && is_space(line.back())) line.remove_suffix(1);
  return line;
}

ArchiveKeys::Key make_key(BytesView secret) {
  ArchiveKeys::Key key;
  key.secret = HmacSha256Key(secret);
  key.fingerprint = get_be<uint32_t>(key.secret.sign(kFingerprintLabel).data());
  return key;
}

}  // namespace

Result<ArchiveKeys> ArchiveKeys::parse(BytesView text) {
  ArchiveKeys keys;
  if (text.size() == kKeyBytes) {
    keys.keys_.push_back(make_key(text));
    return keys;
  }
  size_t number = 0;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const BytesView line = trimmed(text.substr(0, end));
    text.remove_prefix(end == BytesView::npos ? text.size() : end + 1);
    ++number;
    if (line.empty() || line.starts_with('#')) continue;
    std::array<char, kKeyBytes> secret;
    if (!from_hex(line, secret)) {
      return fail(Code::kInvalidArgument,
                  "line " + std::to_string(number) + " of the key file is not 64 hexadecimal digits");
    }
    const Key key = make_key(BytesView(secret.data(), secret.size()));
    if (keys.find(key.fingerprint) != nullptr) {
      return fail(Code::kInvalidArgument, "line " + std::to_string(number) + " of the key file repeats a key");
    }
    if (keys.keys_.size() == kMaxKeys) return fail(Code::kInvalidArgument, "the key file has too many keys");
    keys.keys_.push_back(key);
  }
  if (keys.keys_.empty()) return fail(Code::kInvalidArgument, "the key file has no key");
  return keys;
}

const ArchiveKeys::Key* ArchiveKeys::find(uint32_t fingerprint) const {
  for (const Key& key : keys_) {
    if (key.fingerprint == fingerprint) return &key;
  }
  return nullptr;
}

}  // namespace tp::blob
