#include <simdjson.h>

#include <unordered_set>

#include "document/value.h"

namespace tidegate::document {
namespace {

namespace dom = simdjson::dom;
constexpr std::size_t kMaxDepth = 64;

// simdjson's DOM keeps numbers as doubles and integers; the text as written is found again in the
// source by walking the tokens beside the tree, which keeps the document's order.
class NumberTexts {
 public:
  explicit NumberTexts(std::string_view text) : text_(text) {}
  std::string next() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        skip_string();
      } else if (c == '-' || (c >= '0' && c <= '9')) {
        const std::size_t start = at_;
        while (at_ < text_.size() && is_number_char(text_[at_])) ++at_;
        return std::string(text_.substr(start, at_ - start));
      } else {
        ++at_;
      }
    }
    return "0";
  }

 private:
  static bool is_number_char(char c) {
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
  }
  void skip_string() {
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_)
      if (text_[at_] == '\\') ++at_;
    ++at_;
  }
  std::string_view text_;
  std::size_t at_ = 0;
};

Value convert(const dom::element& element, NumberTexts& numbers);

Value convert_object(const dom::object& object, NumberTexts& numbers) {
  Object out;
  std::unordered_set<std::string_view> seen;
  for (dom::key_value_pair field : object) {
    Value value = convert(field.value, numbers);
    if (seen.insert(field.key).second)
      out.append_unchecked(std::string(field.key), std::move(value));
    else
      out.set(std::string(field.key), std::move(value));
  }
  return out;
}

Value convert(const dom::element& element, NumberTexts& numbers) {
  switch (element.type()) {
    case dom::element_type::NULL_VALUE:
      return {};
    case dom::element_type::BOOL:
      return bool(element);
    case dom::element_type::STRING:
      return std::string_view(element);
    case dom::element_type::OBJECT:
      return convert_object(dom::object(element), numbers);
    case dom::element_type::ARRAY: {
      Array out;
      for (dom::element item : dom::array(element)) out.push_back(convert(item, numbers));
      return out;
    }
    case dom::element_type::INT64:
    case dom::element_type::UINT64:
    case dom::element_type::DOUBLE:
      break;
  }
  return Number{numbers.next(), element.get_double().value_unsafe()};
}

}  // namespace

Result<Value> parse_json(std::string_view text) {
  // A parser keeps its buffers: one for each thread, given back when a document was large.
  thread_local dom::parser parser;
  constexpr std::size_t kKeptCapacity = 1 << 20;
  if (parser.allocate(std::max<std::size_t>(text.size(), 64), kMaxDepth) != simdjson::SUCCESS)
    return Error{Fault::malformed_body, "the document is too large"};
  dom::element root;
  auto error = parser.parse(text.data(), text.size()).get(root);
  if (error != simdjson::SUCCESS)
    return Error{Fault::malformed_body,
                 fmt::format("not valid JSON: {}", simdjson::error_message(error))};
  NumberTexts numbers(text);
  Value value = convert(root, numbers);
  if (text.size() > kKeptCapacity) parser = dom::parser();
  return value;
}

void append_json_string(std::string& out, std::string_view text) {
  out.push_back('"');
  for (unsigned char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (c < 0x20)
          out += fmt::format("\\u{:04x}", c);
        else
          out.push_back(static_cast<char>(c));
    }
  }
  out.push_back('"');
}

namespace {

void append(std::string& out, const Value& value) {
  switch (value.kind()) {
    case Kind::null:
      out += "null";
      return;
    case Kind::boolean:
      out += *value.boolean() ? "true" : "false";
      return;
    case Kind::number:
      out += value.number()->text;
      return;
    case Kind::string:
      append_json_string(out, *value.string());
      return;
    case Kind::array: {
      out.push_back('[');
      bool first = true;
      for (const Value& item : *value.array()) {
        if (!first) out.push_back(',');
        first = false;
        append(out, item);
      }
      out.push_back(']');
      return;
    }
    case Kind::object:
      break;
  }
  out.push_back('{');
  bool first = true;
  for (const Member& m : *value.object()) {
    if (!first) out.push_back(',');
    first = false;
    append_json_string(out, m.first);
    out.push_back(':');
    append(out, m.second);
  }
  out.push_back('}');
}

}  // namespace

std::string to_json(const Value& value) {
  std::string out;
  append(out, value);
  return out;
}

}  // namespace tidegate::document
