// XmlDocument and XmlNode: a request body's XML, read whole and bounded, with names compared without namespace prefix.
// Invariant: nothing is parsed before a linear scan has found the size, depth, node count and entities within bounds;
// DOCTYPE (hence every entity definition) is refused. A node is valid while its document lives (a moved document keeps
// its nodes). Text that is only white space is kept when an element has nothing else: " " is a legal key.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace tp::wire {

struct XmlLimits {
  size_t max_bytes = 10 * 1024 * 1024;
  size_t max_depth = 32;
  size_t max_nodes = 200'000;  // elements and attributes
};

/// One element, or none: navigation from no element gives no element, empty text.
class XmlNode {
 public:
  XmlNode() noexcept = default;
  explicit operator bool() const noexcept { return node_ != nullptr; }

  /// Without the namespace prefix.
  std::string_view name() const noexcept;
  /// All character data directly in the element.
  std::string text() const;
  /// text() of the first child of that name; empty if there is none.
  std::string child_text(std::string_view name) const { return child(name).text(); }
  std::string attribute(std::string_view local_name) const;

  XmlNode first_child() const noexcept;
  XmlNode next_sibling() const noexcept;
  /// The first child element of that name.
  XmlNode child(std::string_view name) const noexcept;
  /// The child elements of that name, or all of them when no name is given.
  std::vector<XmlNode> children(std::string_view name = {}) const;

 private:
  friend class XmlDocument;
  explicit XmlNode(void* node) noexcept : node_(node) {}
  void* node_ = nullptr;
};

class XmlDocument {
 public:
  /// Errors: kTooLarge over max_bytes or max_nodes, kMalformed otherwise.
  static Result<XmlDocument> parse(BytesView text, const XmlLimits& limits = {});

  XmlDocument(XmlDocument&&) noexcept;
  XmlDocument& operator=(XmlDocument&&) noexcept;
  ~XmlDocument();

  XmlNode root() const noexcept;

 private:
  struct Tree;
  explicit XmlDocument(std::unique_ptr<Tree> tree) noexcept;
  std::unique_ptr<Tree> tree_;
};

}  // namespace tp::wire
