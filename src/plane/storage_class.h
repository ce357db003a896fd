// StorageClass: what an object's storage class means here: the tier its blobs belong on, and whether they can be read
// from there at once. Set by configuration (docs/tiers.md). A class that is not configured is a label: hot.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rt/env/clock.h"

namespace tp::plane {

struct StorageClass {
  std::string name;            // "STANDARD" too may be given a tier
  uint8_t tier = 0;            // BlobRecord::tier; 0: hot
  bool offline = false;        // GET answers kOffline until restore_object()
  rt::Nanos restore_delay = 0; // from RestoreObject to readable, at least
};

class StorageClasses {
 public:
  StorageClasses() = default;
  explicit StorageClasses(std::vector<StorageClass> classes) : classes_(std::move(classes)) {}
  /// "" is STANDARD. Null: a label.
  const StorageClass* find(std::string_view name) const {
    if (name.empty()) name = "STANDARD";
    for (const StorageClass& one : classes_) {
      if (one.name == name) return &one;
    }
    return nullptr;
  }
  uint8_t tier_of(std::string_view name) const {
    const StorageClass* found = find(name);
    return found == nullptr ? 0 : found->tier;
  }
  bool offline(std::string_view name) const {
    const StorageClass* found = find(name);
    return found != nullptr && found->offline;
  }
  /// Whether any class has a tier of its own.
  bool tiered() const {
    for (const StorageClass& one : classes_) {
      if (one.tier != 0) return true;
    }
    return false;
  }
  const std::vector<StorageClass>& all() const { return classes_; }

 private:
  std::vector<StorageClass> classes_;
};

}  // namespace tp::plane
