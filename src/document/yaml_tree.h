// YamlTree: a YAML document as written, before scalars are resolved and aliases expanded. Nodes
// stand in one array and refer to each other by index, so an alias is one node, however large its
// target, and building and freeing take no recursion. Plain data, one thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "document/yaml_scalar.h"

namespace tidegate::document {

struct YamlPlace {
  int line = 0, column = 0;  // from zero, as libfyaml counts
};

struct YamlNode {
  enum class Kind : std::uint8_t { scalar, sequence, mapping, alias };
  static constexpr std::uint32_t kNone = UINT32_MAX;

  Kind kind = Kind::scalar;
  bool plain = false;
  bool open = false;  // a collection whose end has not been seen
  YamlTag tag = YamlTag::none;
  YamlPlace place;
  std::string text;  // of a scalar
  // Children of a mapping alternate: key, value. `first` of an alias is its target.
  std::uint32_t first = kNone, last = kNone, next = kNone;
};

struct YamlTree {
  static constexpr std::size_t kMaxInput = 4u << 20;
  static constexpr std::size_t kMaxNodes = 200'000;
  static constexpr std::size_t kMaxDepth = 64;

  std::vector<YamlNode> nodes;  // the root is the first; empty for an empty document
};

// Fault::malformed_body "not valid YAML: line 3, column 5: …".
Error yaml_error(YamlPlace place, std::string_view reason);
Result<YamlTree> read_yaml_tree(std::string_view text);

}  // namespace tidegate::document
