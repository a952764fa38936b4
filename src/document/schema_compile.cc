#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "document/schema_node.h"
#include "document/schema_pattern.h"
#include "document/schema_uri.h"

namespace tidegate::document {
namespace {

constexpr std::size_t kMaxNodes = 100'000;
constexpr std::size_t kMaxProgram = 400'000;  // instructions of all patterns together
constexpr std::size_t kMaxChain = 64;         // schemas in a row that judge the same value
constexpr std::size_t kShownText = 200;

Error refused(const std::string& location, std::string_view reason) {
  return Error{Fault::invalid_argument, fmt::format("{}: {}", location, reason)};
}

std::string below(std::string location, std::string_view token) {
  append_pointer(location, token);
  return location;
}

std::string shortened(std::string text) {
  if (text.size() <= kShownText) return text;
  std::size_t end = kShownText;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

// Compiles in two movements without recursion: scanning gives every schema object its node, its
// base URI and its place, and registers ids; filling then reads the keywords of each. A reference
// may lead to an object that no keyword leads to; that one is scanned when it is met.
class Compiler {
 public:
  explicit Compiler(const SchemaDocuments& documents) : documents_(documents) {}

  Result<CompiledSchema> compile(const Value& root) {
    root_ = &root;
    resources_.emplace("", &root);
    TRY(SchemaNode * node, scan(root, "", "#"));
    out_.root = node;
    for (std::size_t i = 0; i < scanned_.size(); ++i) {
      TRY([[maybe_unused]] Unit filled, fill(scanned_[i]));
    }
    TRY([[maybe_unused]] Unit finite, check_chains());
    return std::move(out_);
  }

 private:
  struct Scanned {
    const Value* value;
    SchemaNode* node;
    std::string base;
  };
  struct Pending {
    const Value* value;
    std::string base;
    std::string location;
  };

  // --- scanning

  // Gives nodes to `start` and to all schemas below it.
  Result<SchemaNode*> scan(const Value& start, const std::string& base, std::string location) {
    std::vector<Pending> pending;
    pending.push_back({&start, base, std::move(location)});
    for (std::size_t i = 0; i < pending.size(); ++i) {
      const Pending current = pending[i];
      if (places_.count(current.value)) continue;
      TRY(const std::string inner_base, register_schema(current));
      places_.emplace(current.value, scanned_.size());
      out_.nodes.emplace_back().location = current.location;
      scanned_.push_back({current.value, &out_.nodes.back(), inner_base});
      if (out_.nodes.size() > kMaxNodes)
        return refused(current.location, fmt::format("more than {} schemas", kMaxNodes));
      add_subschemas({current.value, inner_base, current.location}, pending);
    }
    return node_at(start);
  }

  // Checks that this is a schema and notes its id; answers the base URI inside it.
  Result<std::string> register_schema(const Pending& at) {
    if (!at.value->is(Kind::object)) return refused(at.location, "a schema must be an object");
    if (const Value* draft = at.value->find("$schema")) {
      TRY([[maybe_unused]] Unit known, check_draft(*draft, below(at.location, "$schema")));
    }
    const Value* id = at.value->find("id");
    // Beside $ref an id means nothing, but a document may say its name at the root.
    if (!id || (at.value->find("$ref") && at.value != root_)) return at.base;
    if (!id->string()) return refused(below(at.location, "id"), "must be a string");
    const SplitUri uri = split_fragment(*id->string());
    std::string base = resolve_uri(at.base, uri.resource);
    if (!uri.resource.empty()) resources_.emplace(base, at.value);
    if (!uri.fragment.empty()) names_.emplace(base + "#" + std::string(uri.fragment), at.value);
    return base;
  }

  static bool is_draft04(std::string_view uri) {
    return uri == "http://json-schema.org/draft-04/schema" ||
           uri == "https://json-schema.org/draft-04/schema";
  }

  static Status check_draft(const Value& draft, const std::string& location) {
    std::string_view uri = draft.string() ? std::string_view(*draft.string()) : std::string_view();
    if (!uri.empty() && uri.back() == '#') uri.remove_suffix(1);
    if (is_draft04(uri)) return done;
    return refused(location,
                   "draft-04 is what is supported (http://json-schema.org/draft-04/schema#)");
  }

  static void add_subschemas(const Pending& at, std::vector<Pending>& out) {
    const auto add = [&](const Value& value, std::string location) {
      out.push_back({&value, at.base, std::move(location)});
    };
    const bool is_reference = at.value->find("$ref");
    for (const Member& keyword : *at.value->object()) {
      const std::string location = below(at.location, keyword.first);
      const Place place = place_of(keyword.first);
      // Beside $ref nothing counts; but references lead into "definitions", also there.
      if (is_reference && keyword.first != "definitions") continue;
      const bool single = place == Place::schema || place == Place::schema_or_array ||
                          place == Place::schema_or_boolean;
      if (single && keyword.second.object()) {
        add(keyword.second, location);
      } else if (place == Place::map && keyword.second.object()) {
        for (const Member& m : *keyword.second.object())
          if (keyword.first != "dependencies" || m.second.object())
            add(m.second, below(location, m.first));
      } else if ((place == Place::array || place == Place::schema_or_array) &&
                 keyword.second.array()) {
        for (std::size_t i = 0; i < keyword.second.array()->size(); ++i)
          add((*keyword.second.array())[i], below(location, std::to_string(i)));
      }
    }
  }

  // Where a keyword's value holds schemas.
  enum class Place { none, schema, schema_or_boolean, schema_or_array, array, map };
  static Place place_of(std::string_view keyword) {
    if (keyword == "not") return Place::schema;
    if (keyword == "additionalProperties" || keyword == "additionalItems")
      return Place::schema_or_boolean;
    if (keyword == "items") return Place::schema_or_array;
    if (keyword == "allOf" || keyword == "anyOf" || keyword == "oneOf") return Place::array;
    if (keyword == "properties" || keyword == "patternProperties" || keyword == "definitions" ||
        keyword == "dependencies")
      return Place::map;
    return Place::none;
  }

  SchemaNode* node_at(const Value& value) const { return scanned_[places_.at(&value)].node; }

  // --- references

  Result<const SchemaNode*> follow(const std::string& reference, const std::string& base,
                                   const std::string& location) {
    const SplitUri uri = split_fragment(reference);
    const std::string resource = resolve_uri(base, uri.resource);
    auto fragment = percent_decoded(uri.fragment);
    if (!fragment) return refused(location, "the reference has a broken percent escape");
    if (!fragment->empty() && fragment->front() != '/') {
      auto named = names_.find(resource + "#" + *fragment);
      if (named != names_.end()) return node_at(*named->second);
    }
    auto known = resources_.find(resource);
    if (known == resources_.end()) {
      const Value* document = document_at(resource);
      if (!document)
        return refused(location,
                       fmt::format("\"{}\" leads out of this schema: remote references are not "
                                   "followed, only \"#…\" and the ids that stand here",
                                   reference));
      resources_.emplace(resource, document);
      TRY([[maybe_unused]] const SchemaNode* scanned, scan(*document, resource, resource + "#"));
      return follow(reference, base, location);
    }
    auto pointer = split_pointer(*fragment);
    const Value* target = pointer ? known->second : nullptr;
    std::string target_base = resource;
    for (std::size_t i = 0; target && i < pointer->size(); ++i) {
      target = child(*target, (*pointer)[i]);
      auto place = places_.find(target);
      if (place != places_.end()) target_base = scanned_[place->second].base;
    }
    if (!target) return refused(location, fmt::format("\"{}\" leads to nothing", reference));
    if (!places_.count(target)) {
      TRY(SchemaNode * node, scan(*target, target_base, fragment->insert(0, "#")));
      return node;
    }
    return node_at(*target);
  }

  const Value* document_at(const std::string& uri) const {
    auto given = documents_.find(uri);
    if (given != documents_.end()) return &given->second;
    return is_draft04(uri) ? &draft04_metaschema() : nullptr;
  }

  const Value* child(const Value& value, const std::string& token) {
    if (const Object* object = value.object()) return member(*object, token);
    if (!value.array()) return nullptr;
    if (token.empty() || token.size() > 9 || (token[0] == '0' && token.size() > 1)) return nullptr;
    if (!std::all_of(token.begin(), token.end(), [](char c) { return c >= '0' && c <= '9'; }))
      return nullptr;
    const std::size_t index = std::stoul(token);
    return index < value.array()->size() ? &(*value.array())[index] : nullptr;
  }

  // Object::find is linear, and thousands of references may lead into the same "definitions".
  const Value* member(const Object& object, const std::string& name) {
    constexpr std::size_t kSmall = 32;
    if (object.size() <= kSmall) return object.find(name);
    auto& index = indexes_[&object];
    if (index.empty())
      for (const Member& m : object) index.emplace(m.first, &m.second);
    auto known = index.find(name);
    return known == index.end() ? nullptr : known->second;
  }

  // --- filling

  using Handler = Status (Compiler::*)(SchemaNode&, const Value&, const std::string&);

  static Handler handler_of(const std::string& keyword) {
    static const std::unordered_map<std::string, Handler> kHandlers = {
        {"type", &Compiler::type},
        {"enum", &Compiler::enumeration},
        {"multipleOf", &Compiler::multiple_of},
        {"maximum", &Compiler::maximum},
        {"minimum", &Compiler::minimum},
        {"maxLength", &Compiler::count<&SchemaNode::max_length>},
        {"minLength", &Compiler::count<&SchemaNode::min_length>},
        {"maxItems", &Compiler::count<&SchemaNode::max_items>},
        {"minItems", &Compiler::count<&SchemaNode::min_items>},
        {"maxProperties", &Compiler::count<&SchemaNode::max_properties>},
        {"minProperties", &Compiler::count<&SchemaNode::min_properties>},
        {"pattern", &Compiler::pattern},
        {"format", &Compiler::format},
        {"items", &Compiler::items},
        {"additionalItems", &Compiler::additional<&SchemaNode::additional_items>},
        {"uniqueItems", &Compiler::unique_items},
        {"properties", &Compiler::properties},
        {"patternProperties", &Compiler::pattern_properties},
        {"additionalProperties", &Compiler::additional<&SchemaNode::additional_properties>},
        {"required", &Compiler::required},
        {"dependencies", &Compiler::dependencies},
        {"definitions", &Compiler::definitions},
        {"allOf", &Compiler::alternatives<&SchemaNode::all_of>},
        {"anyOf", &Compiler::alternatives<&SchemaNode::any_of>},
        {"oneOf", &Compiler::alternatives<&SchemaNode::one_of>},
        {"not", &Compiler::negated},
    };
    auto known = kHandlers.find(keyword);
    return known == kHandlers.end() ? nullptr : known->second;
  }

  Status fill(Scanned at) {
    SchemaNode& node = *at.node;
    if (const Value* ref = at.value->find("$ref")) {
      const std::string location = below(node.location, "$ref");
      if (!ref->string()) return refused(location, "must be a string");
      TRY(node.ref, follow(*ref->string(), at.base, location));
      return done;
    }
    for (const Member& m : *at.value->object()) {
      const Handler handler = handler_of(m.first);
      if (!handler) continue;
      TRY([[maybe_unused]] Unit read,
          (this->*handler)(node, m.second, below(node.location, m.first)));
    }
    return exclusive_limits(node, *at.value);
  }

  Status type(SchemaNode& node, const Value& value, const std::string& location) {
    const auto add = [&](const Value& name) {
      static const std::unordered_map<std::string_view, unsigned> kTypes = {
          {"null", kTypeNull},     {"boolean", kTypeBoolean}, {"integer", kTypeInteger},
          {"number", kTypeNumber}, {"string", kTypeString},   {"array", kTypeArray},
          {"object", kTypeObject}};
      auto known = name.string() ? kTypes.find(*name.string()) : kTypes.end();
      if (known == kTypes.end()) return false;
      node.types |= known->second;
      node.types_text += (node.types_text.empty() ? "" : " or ") + *name.string();
      return true;
    };
    bool good = false;
    if (const Array* names = value.array())
      good = !names->empty() && std::all_of(names->begin(), names->end(), add);
    else
      good = add(value);
    if (good) return done;
    return refused(location,
                   "must be one of, or an array of, null, boolean, integer, number, string, "
                   "array, object");
  }

  Status enumeration(SchemaNode& node, const Value& value, const std::string& location) {
    if (!value.array() || value.array()->empty())
      return refused(location, "must be an array of at least one value");
    node.enumeration.emplace();
    for (const Value& item : *value.array()) node.enumeration->insert(canonical_text(item));
    node.enumeration_text = shortened(to_json(value));
    return done;
  }

  Status multiple_of(SchemaNode& node, const Value& value, const std::string& location) {
    if (value.number()) node.multiple_of = Divisor::of(parse_decimal(value.number()->text));
    if (!node.multiple_of)
      return refused(location, fmt::format("must be a number above 0 of at most {} digits",
                                           Divisor::kMaxDigits));
    node.multiple_of_text = value.number()->text;
    return done;
  }

  Status limit(std::optional<Limit>& out, const Value& value, const std::string& location) {
    if (!value.number()) return refused(location, "must be a number");
    out = Limit{value.number()->text, parse_decimal(value.number()->text), false};
    return done;
  }
  Status maximum(SchemaNode& node, const Value& value, const std::string& location) {
    return limit(node.maximum, value, location);
  }
  Status minimum(SchemaNode& node, const Value& value, const std::string& location) {
    return limit(node.minimum, value, location);
  }

  // After all keywords, because the limit may stand behind what makes it exclusive.
  Status exclusive_limits(SchemaNode& node, const Value& schema) {
    const auto apply = [&](const char* keyword, std::optional<Limit>& limit) -> Status {
      const Value* exclusive = schema.find(keyword);
      if (!exclusive) return done;
      const std::string location = below(node.location, keyword);
      if (!exclusive->boolean())
        return refused(location, "in draft-04 this is true or false, beside the limit itself");
      if (!limit) return refused(location, "needs the limit itself beside it");
      limit->exclusive = *exclusive->boolean();
      return done;
    };
    TRY([[maybe_unused]] Unit upper, apply("exclusiveMaximum", node.maximum));
    return apply("exclusiveMinimum", node.minimum);
  }

  template <std::size_t SchemaNode::*member>
  Status count(SchemaNode& node, const Value& value, const std::string& location) {
    const Decimal number = value.number() ? parse_decimal(value.number()->text) : Decimal{};
    if (!value.is_integer() || number.negative)
      return refused(location, "must be an integer of 0 or more");
    constexpr double kLarge = 1e15;  // longer than anything can be
    const double size = value.number()->as_double;
    node.*member = size > kLarge ? SchemaNode::kUnlimited : static_cast<std::size_t>(size);
    return done;
  }

  Result<Pattern> compile_pattern(const std::string& text, const std::string& location) {
    auto translated = re2_from_ecma(text);
    if (!translated.ok())
      return refused(location, fmt::format("the pattern {} cannot be used: {}", shortened(text),
                                           translated.error().message));
    RE2::Options options(RE2::Quiet);
    options.set_never_capture(true);
    options.set_max_mem(16 << 20);
    Pattern out{text, std::make_unique<RE2>(*translated, options), 1};
    if (!out.regex->ok())
      return refused(location, fmt::format("the pattern {} cannot be used: {}", shortened(text),
                                           shortened(out.regex->error())));
    out.cost = static_cast<std::size_t>(std::max(1, out.regex->ProgramSize()));
    program_ += out.cost;
    if (program_ > kMaxProgram) return refused(location, "the patterns are too large together");
    return out;
  }

  Status pattern(SchemaNode& node, const Value& value, const std::string& location) {
    if (!value.string()) return refused(location, "must be a string");
    TRY(node.pattern, compile_pattern(*value.string(), location));
    return done;
  }

  Status format(SchemaNode& node, const Value& value, const std::string& location) {
    if (!value.string()) return refused(location, "must be a string");
    node.format_name = *value.string();
    node.format = find_format(*value.string());
    return done;
  }

  Status items(SchemaNode& node, const Value& value, const std::string& location) {
    if (const Array* schemas = value.array()) {
      node.has_tuple = true;
      for (const Value& schema : *schemas) node.tuple.push_back(node_at(schema));
      return done;
    }
    if (!value.object()) return refused(location, "must be a schema or an array of schemas");
    node.items = node_at(value);
    return done;
  }

  template <Additional SchemaNode::*member>
  Status additional(SchemaNode& node, const Value& value, const std::string& location) {
    if (value.boolean())
      (node.*member).allowed = *value.boolean();
    else if (value.object())
      (node.*member).node = node_at(value);
    else
      return refused(location, "must be true, false or a schema");
    return done;
  }

  Status unique_items(SchemaNode& node, const Value& value, const std::string& location) {
    if (!value.boolean()) return refused(location, "must be true or false");
    node.unique_items = *value.boolean();
    return done;
  }

  Status properties(SchemaNode& node, const Value& value, const std::string& location) {
    if (!value.object()) return refused(location, "must be an object of schemas");
    for (const Member& m : *value.object()) node.properties.emplace(m.first, node_at(m.second));
    return done;
  }

  Status pattern_properties(SchemaNode& node, const Value& value, const std::string& location) {
    if (!value.object()) return refused(location, "must be an object of schemas");
    for (const Member& m : *value.object()) {
      TRY(Pattern pattern, compile_pattern(m.first, below(location, m.first)));
      node.pattern_properties.push_back({std::move(pattern), node_at(m.second)});
    }
    return done;
  }

  // An empty array is refused by the letter of draft 04, but harmless and often written.
  static Result<std::vector<std::string>> names(const Value& value, const std::string& location) {
    std::vector<std::string> out;
    const Array* items = value.array();
    for (std::size_t i = 0; items && i < items->size(); ++i) {
      if (!(*items)[i].string()) return refused(location, "must be an array of strings");
      out.push_back(*(*items)[i].string());
    }
    if (!items) return refused(location, "must be an array of strings");
    return out;
  }

  Status required(SchemaNode& node, const Value& value, const std::string& location) {
    TRY(node.required, names(value, location));
    return done;
  }

  Status dependencies(SchemaNode& node, const Value& value, const std::string& location) {
    if (!value.object()) return refused(location, "must be an object");
    for (const Member& m : *value.object()) {
      Dependency dependency;
      dependency.property = m.first;
      if (m.second.object()) {
        dependency.node = node_at(m.second);
      } else {
        TRY(dependency.required, names(m.second, below(location, m.first)));
      }
      node.dependencies.push_back(std::move(dependency));
    }
    return done;
  }

  Status definitions(SchemaNode&, const Value& value, const std::string& location) {
    if (!value.object()) return refused(location, "must be an object of schemas");
    return done;  // each has its node already
  }

  template <std::vector<const SchemaNode*> SchemaNode::*member>
  Status alternatives(SchemaNode& node, const Value& value, const std::string& location) {
    if (!value.array() || value.array()->empty())
      return refused(location, "must be an array of at least one schema");
    for (const Value& schema : *value.array()) (node.*member).push_back(node_at(schema));
    return done;
  }

  Status negated(SchemaNode& node, const Value& value, const std::string& location) {
    if (!value.object()) return refused(location, "must be a schema");
    node.negated = node_at(value);
    return done;
  }

  // --- termination

  // The schemas that judge the very value that `node` judges.
  static std::vector<const SchemaNode*> same_value(const SchemaNode& node) {
    std::vector<const SchemaNode*> out;
    if (node.ref) out.push_back(node.ref);
    for (const auto* list : {&node.all_of, &node.any_of, &node.one_of})
      out.insert(out.end(), list->begin(), list->end());
    if (node.negated) out.push_back(node.negated);
    for (const Dependency& dependency : node.dependencies)
      if (dependency.node) out.push_back(dependency.node);
    return out;
  }

  // Validation ends because every cycle of the graph descends into the value. Depth first, with a
  // stack of our own: chains may be as long as the schema.
  Status check_chains() const {
    struct Frame {
      const SchemaNode* node;
      std::vector<const SchemaNode*> next;
      std::size_t height;
    };
    std::unordered_map<const SchemaNode*, std::size_t> heights;  // 0 while on the stack
    for (const SchemaNode& start : out_.nodes) {
      if (heights.count(&start)) continue;
      std::vector<Frame> stack;
      stack.push_back({&start, same_value(start), 1});
      heights[&start] = 0;
      while (!stack.empty()) {
        Frame& top = stack.back();
        if (top.next.empty()) {
          const std::size_t height = heights[top.node] = top.height;
          if (height > kMaxChain)
            return refused(top.node->location,
                           fmt::format("more than {} schemas in a row for one value", kMaxChain));
          stack.pop_back();
          if (!stack.empty()) stack.back().height = std::max(stack.back().height, height + 1);
          continue;
        }
        const SchemaNode* next = top.next.back();
        top.next.pop_back();
        auto [known, is_new] = heights.emplace(next, 0);
        if (is_new)
          stack.push_back({next, same_value(*next), 1});
        else if (known->second == 0)
          return refused(next->location, "refers to itself without descending into the document");
        else
          top.height = std::max(top.height, known->second + 1);
      }
    }
    return done;
  }

  const SchemaDocuments& documents_;
  const Value* root_ = nullptr;
  CompiledSchema out_;
  std::vector<Scanned> scanned_;
  std::unordered_map<const Value*, std::size_t> places_;     // in scanned_
  std::unordered_map<std::string, const Value*> resources_;  // by URI without fragment
  std::unordered_map<std::string, const Value*> names_;      // by URI#name
  std::unordered_map<const Object*, std::unordered_map<std::string_view, const Value*>> indexes_;
  std::size_t program_ = 0;
};

}  // namespace

Result<CompiledSchema> compile_schema(const Value& root, const SchemaDocuments& documents) {
  return Compiler(documents).compile(root);
}

}  // namespace tidegate::document
