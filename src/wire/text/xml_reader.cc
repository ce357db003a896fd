#include "wire/text/xml_reader.h"

#include <pugixml.hpp>

#include "wire/text/utf8.h"
#include "wire/text/xml_scan.h"

namespace tp::wire {

namespace {

constexpr unsigned kParseFlags = pugi::parse_cdata | pugi::parse_escapes | pugi::parse_wconv_attribute |
                                 pugi::parse_eol | pugi::parse_ws_pcdata_single;

std::string_view local_name(const char* name) noexcept {
  const std::string_view whole(name);
  const size_t colon = whole.find(':');
  return colon == std::string_view::npos ? whole : whole.substr(colon + 1);
}

pugi::xml_node wrap(void* node) noexcept { return pugi::xml_node(static_cast<pugi::xml_node_struct*>(node)); }

/// The first element from `node` on, among its siblings.
void* element_from(pugi::xml_node node) noexcept {
  while (node && node.type() != pugi::node_element) node = node.next_sibling();
  return node.internal_object();
}

}  // namespace

struct XmlDocument::Tree {
  pugi::xml_document document;
};

XmlDocument::XmlDocument(std::unique_ptr<Tree> tree) noexcept : tree_(std::move(tree)) {}
XmlDocument::XmlDocument(XmlDocument&&) noexcept = default;
XmlDocument& XmlDocument::operator=(XmlDocument&&) noexcept = default;
XmlDocument::~XmlDocument() = default;

Result<XmlDocument> XmlDocument::parse(BytesView text, const XmlLimits& limits) {
  if (text.size() > limits.max_bytes) return fail(Code::kTooLarge, "the XML document is too large");
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  if (!is_valid_utf8(text)) return fail(Code::kMalformed, "the XML document is not UTF-8");
  TP_TRY_VOID(scan_xml(text, limits));
  auto tree = std::make_unique<Tree>();
  const pugi::xml_parse_result parsed =
      tree->document.load_buffer(text.data(), text.size(), kParseFlags, pugi::encoding_utf8);
  if (!parsed) return fail(Code::kMalformed, std::string("XML: ") + parsed.description());
  const pugi::xml_node root = tree->document.document_element();
  if (!root) return fail(Code::kMalformed, "XML: no element");
  if (element_from(root.next_sibling()) != nullptr) return fail(Code::kMalformed, "XML: more than one root element");
  return XmlDocument(std::move(tree));
}

XmlNode XmlDocument::root() const noexcept { return XmlNode(tree_->document.document_element().internal_object()); }

std::string_view XmlNode::name() const noexcept { return local_name(wrap(node_).name()); }

std::string XmlNode::text() const {
  std::string text;
  for (const pugi::xml_node child : wrap(node_).children()) {
    if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) text += child.value();
  }
  return text;
}

std::string XmlNode::attribute(std::string_view local_name_in) const {
  for (const pugi::xml_attribute attribute : wrap(node_).attributes()) {
    if (local_name(attribute.name()) == local_name_in) return attribute.value();
  }
  return {};
}

XmlNode XmlNode::first_child() const noexcept { return XmlNode(element_from(wrap(node_).first_child())); }

XmlNode XmlNode::next_sibling() const noexcept { return XmlNode(element_from(wrap(node_).next_sibling())); }

XmlNode XmlNode::child(std::string_view name) const noexcept {
  XmlNode node = first_child();
  while (node && node.name() != name) node = node.next_sibling();
  return node;
}

std::vector<XmlNode> XmlNode::children(std::string_view name) const {
  std::vector<XmlNode> nodes;
  for (XmlNode node = first_child(); node; node = node.next_sibling()) {
    if (name.empty() || node.name() == name) nodes.push_back(node);
  }
  return nodes;
}

}  // namespace tp::wire
