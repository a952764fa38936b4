#include "wire/xml_tree.h"

#include <expat.h>

#include <memory>

namespace tidegate::wire {
namespace {

constexpr std::size_t kMaxDepth = 32;
constexpr std::size_t kMaxElements = 100'000;

struct Building {
  XML_Parser parser = nullptr;
  XmlElement root;
  std::vector<XmlElement*> open;  // path from the root to where we are
  std::size_t elements = 0;
  bool refused = false;

  void refuse() {
    refused = true;
    XML_StopParser(parser, XML_FALSE);
  }
};

std::string_view local_name(std::string_view name) {
  const std::size_t colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

void on_start(void* user, const XML_Char* name, const XML_Char** attributes) {
  auto& b = *static_cast<Building*>(user);
  if (++b.elements > kMaxElements || b.open.size() >= kMaxDepth) return b.refuse();
  XmlElement* element = &b.root;
  if (!b.open.empty()) {
    // Only the innermost element grows, so the pointers above stay good.
    b.open.back()->children.emplace_back();
    element = &b.open.back()->children.back();
  }
  element->name = std::string(local_name(name));
  for (; *attributes; attributes += 2)
    element->attributes.emplace_back(std::string(local_name(attributes[0])), attributes[1]);
  b.open.push_back(element);
}

void on_end(void* user, const XML_Char*) {
  static_cast<Building*>(user)->open.pop_back();
}

void on_text(void* user, const XML_Char* text, int size) {
  auto& b = *static_cast<Building*>(user);
  if (!b.open.empty()) b.open.back()->text.append(text, static_cast<std::size_t>(size));
}

void on_doctype(void* user, const XML_Char*, const XML_Char*, const XML_Char*, int) {
  static_cast<Building*>(user)->refuse();
}

}  // namespace

const XmlElement* XmlElement::child(std::string_view wanted) const {
  for (const XmlElement& c : children)
    if (c.name == wanted) return &c;
  return nullptr;
}

Result<XmlElement> parse_xml(std::string_view text) {
  const Error malformed{
      Fault::malformed_xml,
      "The XML you provided was not well-formed or did not validate against our published schema"};
  std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser(XML_ParserCreate("UTF-8"),
                                                                      &XML_ParserFree);
  if (!parser) return Error{Fault::internal, "no memory for an XML parser"};
  Building building;
  building.parser = parser.get();
  XML_SetUserData(parser.get(), &building);
  XML_SetElementHandler(parser.get(), on_start, on_end);
  XML_SetCharacterDataHandler(parser.get(), on_text);
  XML_SetStartDoctypeDeclHandler(parser.get(), on_doctype);
  constexpr std::size_t kPiece = 1 << 20;  // expat takes an int
  do {
    const std::string_view piece = text.substr(0, kPiece);
    text.remove_prefix(piece.size());
    if (XML_Parse(parser.get(), piece.data(), static_cast<int>(piece.size()), text.empty()) !=
            XML_STATUS_OK ||
        building.refused)
      return malformed;
  } while (!text.empty());
  return std::move(building.root);
}

}  // namespace tidegate::wire
