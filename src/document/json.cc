#include <simdjson.h>

#include <unordered_map>

#include "document/decimal.h"
#include "document/value.h"

namespace tidegate::document {
namespace {

namespace dom = simdjson::dom;
constexpr std::size_t kMaxDepth = 64;

// simdjson's DOM gives doubles and 64-bit integers and refuses what fits neither. So the numbers
// are also read from the text, token by token; the tree keeps the document's order, so the n-th
// number of the tree is the n-th token.
class NumberTokens {
 public:
  explicit NumberTokens(std::string_view text) : text_(text) {}

  // The next run of characters outside strings that a number may consist of; empty at the end.
  std::string_view next() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        skip_string();
      } else if (c == '-' || (c >= '0' && c <= '9')) {
        const std::size_t start = at_;
        while (at_ < text_.size() && is_number_char(text_[at_])) ++at_;
        return text_.substr(start, at_ - start);
      } else {
        ++at_;
      }
    }
    return {};
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

// The text with 0 in the place of every number that is legal JSON. It is legal exactly if the
// original is, apart from the range of numbers.
std::string with_plain_numbers(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  const char* copied = text.data();
  NumberTokens numbers(text);
  for (std::string_view token = numbers.next(); !token.empty(); token = numbers.next()) {
    if (!is_json_number(token)) continue;
    out.append(copied, token.data());
    out.push_back('0');
    copied = token.data() + token.size();
  }
  out.append(copied, text.data() + text.size());
  return out;
}

class Converter {
 public:
  explicit Converter(std::string_view text) : numbers_(text) {}
  Value convert(const dom::element& element);
  bool too_deep() const { return too_deep_; }

 private:
  Value convert_object(const dom::object& object);
  Value convert_array(const dom::array& array);

  NumberTokens numbers_;
  std::size_t depth_ = 0;
  bool too_deep_ = false;
};

Value Converter::convert_object(const dom::object& object) {
  std::vector<Member> members;
  std::unordered_map<std::string_view, std::size_t> places;
  for (dom::key_value_pair field : object) {
    Value value = convert(field.value);
    auto [known, is_new] = places.emplace(field.key, members.size());
    if (is_new)
      members.push_back({std::string(field.key), std::move(value)});
    else
      members[known->second].second = std::move(value);
  }
  Object out;
  for (Member& m : members) out.append_unchecked(std::move(m.first), std::move(m.second));
  return out;
}

Value Converter::convert_array(const dom::array& array) {
  Array out;
  for (dom::element item : array) out.push_back(convert(item));
  return out;
}

Value Converter::convert(const dom::element& element) {
  switch (element.type()) {
    case dom::element_type::NULL_VALUE:
      return {};
    case dom::element_type::BOOL:
      return bool(element);
    case dom::element_type::STRING:
      return std::string_view(element);
    case dom::element_type::OBJECT:
    case dom::element_type::ARRAY: {
      if (++depth_ > kMaxDepth) too_deep_ = true;
      Value out = element.is_object() ? convert_object(dom::object(element))
                                      : convert_array(dom::array(element));
      --depth_;
      return out;
    }
    case dom::element_type::INT64:
    case dom::element_type::UINT64:
    case dom::element_type::DOUBLE:
      break;
  }
  const std::string_view text = numbers_.next();
  return Number{std::string(text), nearest_double(text)};
}

}  // namespace

Result<Value> parse_json(std::string_view text) {
  // A parser keeps its buffers: one for each thread, given back when a document was large.
  thread_local dom::parser parser;
  constexpr std::size_t kKeptCapacity = 1 << 20;
  // simdjson counts the document itself as one level, and empty containers not at all: it only
  // keeps the recursion short, and the converter counts exactly.
  if (parser.allocate(std::max<std::size_t>(text.size(), 64), kMaxDepth + 2) != simdjson::SUCCESS)
    return Error{Fault::malformed_body, "the document is too large"};
  dom::element root;
  auto error = parser.parse(text.data(), text.size()).get(root);
  if (error == simdjson::NUMBER_ERROR) {
    const std::string plain = with_plain_numbers(text);
    error = parser.parse(plain.data(), plain.size()).get(root);
  }
  if (error != simdjson::SUCCESS)
    return Error{Fault::malformed_body,
                 fmt::format("not valid JSON: {}", simdjson::error_message(error))};
  Converter converter(text);
  Value value = converter.convert(root);
  if (text.size() > kKeptCapacity) parser = dom::parser();
  if (converter.too_deep())
    return Error{Fault::malformed_body,
                 fmt::format("not acceptable JSON: nested deeper than {} levels", kMaxDepth)};
  return value;
}

namespace {

// U+FFFD for every byte that is no part of a character.
std::string with_whole_characters(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::size_t n = 1;
    while (n <= 4 && n <= text.size() && !simdjson::validate_utf8(text.data(), n)) ++n;
    if (n > 4 || n > text.size()) {
      out += "\xef\xbf\xbd";
      n = 1;
    } else {
      out += text.substr(0, n);
    }
    text.remove_prefix(n);
  }
  return out;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  if (!simdjson::validate_utf8(text.data(), text.size()))
    return append_json_string(out, with_whole_characters(text));
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
