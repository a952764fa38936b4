#include "document/schema_validate.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "document/schema_uri.h"

namespace tidegate::document {
namespace {

constexpr std::size_t kMaxSteps = 1'000'000;
constexpr std::size_t kMaxDepth = 512;
constexpr std::size_t kShownValue = 256;
// A step is one schema that meets one value, or about as much work of another kind.
constexpr std::size_t kBytesPerStep = 256;
constexpr std::size_t kRegexWorkPerStep = 8192;  // bytes of text × instructions

// The value's JSON text, cut at a character's border; stops building when it is long enough.
class Preview {
 public:
  static std::string of(const Value& value) {
    Preview preview;
    preview.append(value);
    std::string& out = preview.out_;
    if (out.size() <= kShownValue) return std::move(out);
    std::size_t end = kShownValue;
    while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xc0) == 0x80) --end;
    out.resize(end);
    return std::move(out);
  }

 private:
  bool full() const { return out_.size() > kShownValue; }

  void append_string(std::string_view text) {
    // No character takes less than a byte, so what is cut here would be cut anyway.
    std::size_t end = std::min(text.size(), kShownValue + 4);
    append_json_string(out_, text.substr(0, end));
  }

  void append(const Value& value) {
    if (full()) return;
    if (const Array* array = value.array()) {
      out_ += '[';
      for (std::size_t i = 0; i < array->size() && !full(); ++i) {
        if (i) out_ += ',';
        append((*array)[i]);
      }
      out_ += ']';
    } else if (const Object* object = value.object()) {
      out_ += '{';
      bool first = true;
      for (const Member& m : *object) {
        if (full()) break;
        if (!first) out_ += ',';
        first = false;
        append_string(m.first);
        out_ += ':';
        append(m.second);
      }
      out_ += '}';
    } else if (const std::string* text = value.string()) {
      append_string(*text);
    } else if (const Number* number = value.number()) {
      out_ += number->text.substr(0, kShownValue + 1);
    } else {
      out_ += to_json(value);
    }
  }

  std::string out_;
};

std::string quoted(std::string_view text) {
  return Preview::of(Value(text));
}

class Validator {
 public:
  explicit Validator(std::size_t limit) : limit_(limit) {}

  std::vector<ErrorDetail> run(const SchemaNode& root, const Value& value) {
    check(root, value);
    std::stable_sort(found_.begin(), found_.end(),
                     [](const Found& a, const Found& b) { return a.position < b.position; });
    std::vector<ErrorDetail> out;
    for (Found& found : found_) out.push_back(std::move(found.detail));
    if (!exhausted_.empty()) {
      if (out.size() >= limit_ && !out.empty()) out.pop_back();
      out.push_back({"limit", "#", exhausted_, type_name(value), Preview::of(value)});
    }
    return out;
  }

 private:
  struct Found {
    std::vector<std::size_t> position;  // ordinals from the root: sorts in document order
    ErrorDetail detail;
  };
  // One level of the way from the root to the value at hand.
  struct Step {
    const std::string* key;  // null in an array
    std::size_t ordinal;
  };

  // --- what is spent, what is found

  bool stopped() const { return !exhausted_.empty() || found_.size() >= limit_; }

  bool spend(std::size_t steps) {
    steps_ += steps;
    if (steps_ > kMaxSteps && exhausted_.empty())
      exhausted_ = fmt::format("judging this document takes more than {} steps", kMaxSteps);
    return exhausted_.empty();
  }

  std::string location() const {
    std::string out = "#";
    for (const Step& step : path_)
      append_pointer(out, step.key ? *step.key : std::to_string(step.ordinal));
    return out;
  }

  // Always false, to be returned: the value at hand violates `keyword`.
  // Out of line, like the checks of each kind: the recursion would carry their locals.
  template <class Reason>
  [[gnu::noinline]] bool fail(const char* keyword, const Value& value, Reason reason) {
    if (silent_ > 0 || stopped()) return false;
    Found found;
    for (const Step& step : path_) found.position.push_back(step.ordinal);
    found.detail = ErrorDetail{keyword, location(), reason(), type_name(value), Preview::of(value)};
    found_.push_back(std::move(found));
    return false;
  }

  // Whether checking may end with the first violation.
  bool enough(bool good) const { return stopped() || (!good && silent_ > 0); }

  bool check_silently(const SchemaNode& node, const Value& value) {
    ++silent_;
    const bool good = check(node, value);
    --silent_;
    return good;
  }

  bool check_below(const SchemaNode& node, const Value& value, Step step) {
    path_.push_back(step);
    const bool good = check(node, value);
    path_.pop_back();
    return good;
  }

  // --- one schema, one value

  bool check(const SchemaNode& given, const Value& value) {
    const SchemaNode* node = &given;
    while (node->ref) node = node->ref;  // ends: the compiler refuses cycles
    if (!spend(1)) return false;
    if (depth_ >= kMaxDepth) {
      exhausted_ = fmt::format("more than {} schemas inside each other apply", kMaxDepth);
      return false;
    }
    ++depth_;
    bool good = check_any(*node, value);
    if (!enough(good)) good &= check_combinations(*node, value);
    if (!enough(good)) {
      if (const Number* number = value.number()) good &= check_number(*node, value, *number);
      if (const std::string* text = value.string()) good &= check_string(*node, value, *text);
      if (const Array* array = value.array()) good &= check_array(*node, value, *array);
      if (const Object* object = value.object()) good &= check_object(*node, value, *object);
    }
    --depth_;
    return good && exhausted_.empty();
  }

  [[gnu::noinline]] bool check_any(const SchemaNode& node, const Value& value) {
    bool good = true;
    if (node.types && !(node.types & type_bits(value)))
      good = fail("type", value, [&] {
        return fmt::format("expected {}, found {}", node.types_text, type_name(value));
      });
    if (node.enumeration && !enough(good)) {
      const std::string text = canonical_text(value);
      spend(text.size() / kBytesPerStep);
      if (!node.enumeration->count(text))
        good = fail("enum", value,
                    [&] { return fmt::format("not one of {}", node.enumeration_text); });
    }
    return good;
  }

  [[gnu::noinline]] bool check_combinations(const SchemaNode& node, const Value& value) {
    bool good = true;
    for (const SchemaNode* part : node.all_of) {
      if (enough(good)) return good;
      good &= check(*part, value);
    }
    if (!node.any_of.empty() && !enough(good)) {
      const bool any = std::any_of(node.any_of.begin(), node.any_of.end(),
                                   [&](const auto* part) { return check_silently(*part, value); });
      if (!any)
        good = fail("anyOf", value, [&] {
          return fmt::format("none of the {} alternatives accepts this", node.any_of.size());
        });
    }
    if (!node.one_of.empty() && !enough(good)) {
      std::size_t matches = 0;
      for (std::size_t i = 0; i < node.one_of.size() && matches < 2; ++i)
        matches += check_silently(*node.one_of[i], value);
      if (matches != 1)
        good = fail("oneOf", value, [&] {
          return fmt::format("{} of the {} alternatives accepts this",
                             matches == 0 ? "none" : "more than one", node.one_of.size());
        });
    }
    if (node.negated && !enough(good) && check_silently(*node.negated, value))
      good = fail("not", value, [] { return "is what the schema under \"not\" accepts"; });
    return good;
  }

  [[gnu::noinline]] bool check_number(const SchemaNode& node, const Value& value,
                                      const Number& number) {
    if (!node.minimum && !node.maximum && !node.multiple_of) return true;
    spend(number.text.size() / kBytesPerStep);
    const Decimal decimal = parse_decimal(number.text);
    bool good = true;
    if (node.minimum) {
      const int order = compare(decimal, node.minimum->number);
      if (order < 0 || (order == 0 && node.minimum->exclusive))
        good = fail("minimum", value, [&] {
          return fmt::format("must be {} {}", node.minimum->exclusive ? "above" : "at least",
                             node.minimum->text);
        });
    }
    if (node.maximum) {
      const int order = compare(decimal, node.maximum->number);
      if (order > 0 || (order == 0 && node.maximum->exclusive))
        good = fail("maximum", value, [&] {
          return fmt::format("must be {} {}", node.maximum->exclusive ? "below" : "at most",
                             node.maximum->text);
        });
    }
    if (node.multiple_of && !node.multiple_of->divides(decimal))
      good = fail("multipleOf", value,
                  [&] { return fmt::format("must be a multiple of {}", node.multiple_of_text); });
    return good;
  }

  bool matches(const Pattern& pattern, const std::string& text) {
    // RE2 may fall back on an engine that takes time for each byte and instruction.
    if (!spend(text.size() * pattern.cost / kRegexWorkPerStep)) return false;
    return RE2::PartialMatch(text, *pattern.regex);
  }

  [[gnu::noinline]] bool check_string(const SchemaNode& node, const Value& value,
                                      const std::string& text) {
    bool good = true;
    if (node.min_length > 0 || node.max_length != SchemaNode::kUnlimited) {
      spend(text.size() / kBytesPerStep);
      const std::size_t length = count_code_points(text);
      if (length < node.min_length)
        good = fail("minLength", value, [&] {
          return fmt::format("{} characters, at least {} are needed", length, node.min_length);
        });
      if (length > node.max_length)
        good = fail("maxLength", value, [&] {
          return fmt::format("{} characters, at most {} are allowed", length, node.max_length);
        });
    }
    if (node.pattern && !enough(good) && !matches(*node.pattern, text))
      good = fail("pattern", value, [&] {
        return fmt::format("does not match the pattern {}", quoted(node.pattern->text));
      });
    if (node.format && !enough(good)) {
      spend(text.size() / kBytesPerStep);
      if (!node.format(text))
        good = fail("format", value, [&] { return "is not a valid " + *node.format_name; });
    }
    return good;
  }

  [[gnu::noinline]] bool check_array(const SchemaNode& node, const Value& value,
                                     const Array& array) {
    bool good = true;
    if (array.size() < node.min_items)
      good = fail("minItems", value, [&] {
        return fmt::format("{} items, at least {} are needed", array.size(), node.min_items);
      });
    if (array.size() > node.max_items)
      good = fail("maxItems", value, [&] {
        return fmt::format("{} items, at most {} are allowed", array.size(), node.max_items);
      });
    if (node.unique_items && !enough(good)) good &= check_unique(value, array);
    for (std::size_t i = 0; i < array.size() && !enough(good); ++i)
      good &= check_item(node, array[i], i);
    return good;
  }

  bool check_item(const SchemaNode& node, const Value& item, std::size_t index) {
    const Step step{nullptr, index};
    if (!node.has_tuple) return !node.items || check_below(*node.items, item, step);
    if (index < node.tuple.size()) return check_below(*node.tuple[index], item, step);
    if (node.additional_items.node) return check_below(*node.additional_items.node, item, step);
    if (node.additional_items.allowed) return true;
    path_.push_back(step);
    fail("additionalItems", item,
         [&] { return fmt::format("only {} items are allowed", node.tuple.size()); });
    path_.pop_back();
    return false;
  }

  [[gnu::noinline]] bool check_unique(const Value& value, const Array& array) {
    std::unordered_map<std::string, std::size_t> seen;
    for (std::size_t i = 0; i < array.size(); ++i) {
      std::string text = canonical_text(array[i]);
      if (!spend(text.size() / kBytesPerStep)) return false;
      const auto place = seen.emplace(std::move(text), i);
      if (!place.second)
        return fail("uniqueItems", value, [&] {
          return fmt::format("items {} and {} are equal", place.first->second, i);
        });
    }
    return true;
  }

  [[gnu::noinline]] bool check_object(const SchemaNode& node, const Value& value,
                                      const Object& object) {
    bool good = true;
    if (object.size() < node.min_properties)
      good = fail("minProperties", value, [&] {
        return fmt::format("{} properties, at least {} are needed", object.size(),
                           node.min_properties);
      });
    if (object.size() > node.max_properties)
      good = fail("maxProperties", value, [&] {
        return fmt::format("{} properties, at most {} are allowed", object.size(),
                           node.max_properties);
      });
    if ((!node.required.empty() || !node.dependencies.empty()) && !enough(good))
      good &= check_presence(node, value, object);
    std::size_t ordinal = 0;
    for (const Member& m : object) {
      if (enough(good)) return good;
      good &= check_member(node, m, ordinal++);
    }
    return good;
  }

  [[gnu::noinline]] bool check_presence(const SchemaNode& node, const Value& value,
                                        const Object& object) {
    // Finding a member is linear, so the names are gathered once.
    std::unordered_set<std::string_view> names;
    for (const Member& m : object) names.insert(m.first);
    if (!spend(names.size() / 8 + node.required.size() / 8)) return false;
    bool good = true;
    for (const std::string& name : node.required) {
      if (enough(good)) return good;
      if (!names.count(name))
        good = fail("required", value,
                    [&] { return fmt::format("the property {} is missing", quoted(name)); });
    }
    for (const Dependency& dependency : node.dependencies) {
      if (enough(good) || !spend(dependency.required.size() / 8)) return good;
      if (!names.count(dependency.property)) continue;
      if (dependency.node) good &= check(*dependency.node, value);
      for (const std::string& name : dependency.required)
        if (!names.count(name))
          good = fail("dependencies", value, [&] {
            return fmt::format("the property {} needs {} beside it", quoted(dependency.property),
                               quoted(name));
          });
    }
    return good;
  }

  bool check_member(const SchemaNode& node, const Member& m, std::size_t ordinal) {
    const Step step{&m.first, ordinal};
    bool good = true, known = false;
    if (auto property = node.properties.find(m.first); property != node.properties.end()) {
      known = true;
      good &= check_below(*property->second, m.second, step);
    }
    for (const PatternProperty& property : node.pattern_properties) {
      if (enough(good) || !spend(1)) return good;
      if (!matches(property.pattern, m.first)) continue;
      known = true;
      good &= check_below(*property.node, m.second, step);
    }
    if (known || enough(good)) return good;
    if (node.additional_properties.node)
      return check_below(*node.additional_properties.node, m.second, step);
    if (node.additional_properties.allowed) return true;
    path_.push_back(step);
    fail("additionalProperties", m.second,
         [&] { return fmt::format("the property {} is not allowed", quoted(m.first)); });
    path_.pop_back();
    return false;
  }

  const std::size_t limit_;
  std::vector<Found> found_;
  std::vector<Step> path_;
  std::size_t steps_ = 0, depth_ = 0, silent_ = 0;
  std::string exhausted_;  // why the work was cut short
};

}  // namespace

std::vector<ErrorDetail> validate_document(const CompiledSchema& schema, const Value& value,
                                           std::size_t limit) {
  return Validator(std::max<std::size_t>(limit, 1)).run(*schema.root, value);
}

}  // namespace tidegate::document
