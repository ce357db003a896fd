// Executor: does steps to a plane and to a Model and compares what both say. One client; several may work on one
// volume, each under its own prefix. A difference is an error whose message says what differs. Owner: a test.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plane/plane.h"
#include "property/model.h"
#include "property/step.h"

namespace tp::test {

inline constexpr const char* kVolume = "property";

class Executor {
 public:
  explicit Executor(std::string prefix);

  /// The plane that steps go to from now on.
  void use(plane::Plane* plane) { plane_ = plane; }
  Task<void> apply(Step step);
  /// Reads everything back.
  Task<void> verify_all();
  const Model& model() const { return model_; }
  /// What the last step did, in words.
  const std::string& last_step() const { return last_step_; }

 private:
  plane::ObjectRef ref(const std::string& key) const { return {kVolume, key}; }
  std::string pick_key(rt::Rng& rng) const { return keys_[rng.below(keys_.size())]; }
  std::string pick_prefix(rt::Rng& rng) const { return prefixes_[rng.below(prefixes_.size())]; }
  SharedBytes pick_data(rt::Rng& rng) const;
  const ModelObject* find(const std::string& key) const;
  plane::WriteConditions pick_conditions(rt::Rng& rng, const std::string& key);
  /// The code that the conditions ask for, given what the model has at `key`.
  std::optional<Code> verdict(const plane::WriteConditions& conditions, const std::string& key) const;
  void say(std::string text) { last_step_ = std::move(text); }

  // executor_objects.cc
  Task<void> put(rt::Rng rng, bool conditional);
  Task<void> get(rt::Rng rng);
  Task<void> compare_object(std::string key);
  Task<void> remove(rt::Rng rng);
  Task<void> remove_many(rt::Rng rng);
  Task<void> append(rt::Rng rng);
  Task<void> tag(rt::Rng rng);
  // executor_names.cc
  Task<void> rename(rt::Rng rng);
  Task<void> rename_prefix(rt::Rng rng);
  Task<void> copy(rt::Rng rng);
  Task<void> list(rt::Rng rng);
  Task<void> list_pages(plane::ListQuery query);
  Task<void> list_all(rt::Rng rng);
  // executor_uploads.cc
  Task<void> create_upload(rt::Rng rng);
  Task<void> put_part(rt::Rng rng);
  Task<void> copy_part(rt::Rng rng);
  Task<void> list_parts(rt::Rng rng);
  Task<void> list_uploads(rt::Rng rng);
  Task<void> complete(rt::Rng rng);
  Task<void> retry_complete(rt::Rng rng);
  Task<void> abort(rt::Rng rng);

  plane::Plane* plane_ = nullptr;
  const std::string prefix_;
  std::vector<std::string> keys_, prefixes_;
  Model model_;
  std::string last_step_;
};

/// An error that says what differs, unless `holds`.
Result<void> expect(bool holds, const std::string& what);
/// That `got` succeeded if `want` is nothing, else failed with that code.
template <class T>
Result<void> expect_code(const Result<T>& got, std::optional<Code> want, const std::string& what) {
  if (got) return expect(!want, what + " succeeded, expected " + std::string(want ? code_name(*want) : ""));
  if (!want) return expect(false, what + " failed: " + got.error().to_string());
  return expect(got.error().code == *want,
                what + " gave " + got.error().to_string() + ", expected " + std::string(code_name(*want)));
}

/// Readable, whatever the bytes.
std::string quoted(BytesView text);

}  // namespace tp::test
