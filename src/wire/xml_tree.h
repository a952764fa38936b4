// XmlTree: an XML document as a small tree, parsed by expat under bounds: no DTD (so no entities
// beyond the five), depth ≤ 32, ≤ 100 000 elements; prefixes of namespaces are dropped. Internal to
// the XML codec and to tests. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace tidegate::wire {

struct XmlElement {
  std::string name;
  std::string text;  // all character data, joined
  std::vector<std::pair<std::string, std::string>> attributes;
  std::vector<XmlElement> children;
  const XmlElement* child(std::string_view wanted) const;
};

Result<XmlElement> parse_xml(std::string_view text);  // Fault::malformed_xml

}  // namespace tidegate::wire
