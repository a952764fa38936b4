#include "document/yaml.h"

#include <fmt/format.h>

#include <unordered_set>

#include "document/yaml_tree.h"

namespace tidegate::document {
namespace {

// What aliases may make of a document: nodes are limited as in the source, and so is the text,
// because one long string can be referred to very often.
constexpr std::size_t kMaxExpandedBytes = 16u << 20;

class Expander {
 public:
  explicit Expander(const YamlTree& tree) : tree_(tree) {}

  Result<Value> expand(std::uint32_t index) {
    const YamlNode& node = target(index);
    const YamlPlace place = tree_.nodes[index].place;
    TRY([[maybe_unused]] Unit paid, pay(node, place));
    if (node.kind == YamlNode::Kind::scalar) {
      auto value = resolve_yaml_scalar(node.text, node.plain, node.tag);
      if (!value.ok()) return yaml_error(node.place, value.error().message);
      return value;
    }
    if (++depth_ > YamlTree::kMaxDepth)
      return yaml_error(place, fmt::format("nested deeper than {} levels with its aliases expanded",
                                           YamlTree::kMaxDepth));
    auto value = node.kind == YamlNode::Kind::sequence ? sequence(node) : mapping(node);
    --depth_;
    return value;
  }

 private:
  const YamlNode& target(std::uint32_t index) const {
    const YamlNode& node = tree_.nodes[index];
    return node.kind == YamlNode::Kind::alias ? tree_.nodes[node.first] : node;
  }

  Status pay(const YamlNode& node, YamlPlace place) {
    bytes_ += node.text.size();
    if (++nodes_ > YamlTree::kMaxNodes)
      return yaml_error(
          place, fmt::format("more than {} nodes with its aliases expanded", YamlTree::kMaxNodes));
    if (bytes_ > kMaxExpandedBytes)
      return yaml_error(
          place, fmt::format("more than {} bytes with its aliases expanded", kMaxExpandedBytes));
    return done;
  }

  Result<Value> sequence(const YamlNode& node) {
    Array out;
    for (std::uint32_t i = node.first; i != YamlNode::kNone; i = tree_.nodes[i].next) {
      TRY(Value item, expand(i));
      out.push_back(std::move(item));
    }
    return Value(std::move(out));
  }

  Result<Value> mapping(const YamlNode& node) {
    Object out;
    std::unordered_set<std::string_view> seen;  // keys' texts stay in the tree
    for (std::uint32_t i = node.first; i != YamlNode::kNone;) {
      const YamlNode& key = target(i);
      const YamlPlace place = tree_.nodes[i].place;
      if (key.kind != YamlNode::Kind::scalar)
        return yaml_error(place, "a key must be a scalar: JSON has no other keys");
      TRY([[maybe_unused]] Unit paid, pay(key, place));
      if (!seen.insert(key.text).second)
        return yaml_error(place, fmt::format("the key \"{}\" stands here twice", key.text));
      i = tree_.nodes[i].next;
      CHECK(i != YamlNode::kNone);  // events come in pairs
      TRY(Value value, expand(i));
      out.append_unchecked(key.text, std::move(value));
      i = tree_.nodes[i].next;
    }
    return Value(std::move(out));
  }

  const YamlTree& tree_;
  std::size_t nodes_ = 0, bytes_ = 0, depth_ = 0;
};

}  // namespace

Result<Value> parse_yaml(std::string_view text) {
  TRY(const YamlTree tree, read_yaml_tree(text));
  if (tree.nodes.empty()) return Value();  // only comments, or nothing: null, as everywhere
  return Expander(tree).expand(0);
}

}  // namespace tidegate::document
