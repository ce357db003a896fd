#include "plane/versions/named_version.h"

#include "plane/versions/version_lookup.h"

namespace tp::plane {

Result<std::optional<Namespace::Version>> find_named(Namespace& names, BytesView key, std::string_view version) {
  if (!version.empty()) {
    TP_TRY(const uint64_t number, parse_version(version));
    TP_TRY(auto found, names.find_version(key, number));
    if (found && found->delete_marker()) return std::nullopt;
    return std::move(found);
  }
  TP_TRY(auto object, names.find(key));
  if (!object) return std::nullopt;
  Namespace::Version current;
  current.current = true;
  current.object = std::move(*object);
  return std::optional(std::move(current));
}

}  // namespace tp::plane
