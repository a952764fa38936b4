// Value: the tree of a JSON or YAML document, with numbers kept exactly as written. Owned by one
// thread at a time; copyable; depth is bounded by the parsers (64), so recursion over it is safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace tidegate::document {

class Value;
using Array = std::vector<Value>;
struct Member;

// An object keeps the order of its members. Looking up is linear for small objects; parsers refuse
// or resolve duplicate keys (the last wins, as in every SDK), so keys are unique.
class Object {
 public:
  Object();
  Object(const Object&);
  Object(Object&&) noexcept;
  Object& operator=(const Object&);
  Object& operator=(Object&&) noexcept;
  ~Object();
  const Value* find(std::string_view key) const;
  Value* find(std::string_view key);
  Value& set(std::string key, Value value);  // replaces or appends; returns the stored value
  bool erase(std::string_view key);
  std::size_t size() const;
  bool empty() const { return size() == 0; }
  std::vector<Member>::const_iterator begin() const;
  std::vector<Member>::const_iterator end() const;
  void append_unchecked(std::string key, Value value);  // for parsers that know the key is new

 private:
  std::vector<Member> members_;
};

// A number as written ("1.0", "1e400", "9007199254740993"), beside the nearest double.
struct Number {
  std::string text;
  double as_double = 0;
};

enum class Kind { null, boolean, number, string, array, object };

class Value {
 public:
  Value() = default;
  Value(std::nullptr_t) {}                              // NOLINT: implicit by design
  Value(bool b) : data_(b) {}                           // NOLINT
  Value(int n);                                         // NOLINT
  Value(std::int64_t n);                                // NOLINT
  Value(double n);                                      // NOLINT
  Value(Number n) : data_(std::move(n)) {}              // NOLINT
  Value(std::string s) : data_(std::move(s)) {}         // NOLINT
  Value(std::string_view s) : data_(std::string(s)) {}  // NOLINT
  Value(const char* s) : data_(std::string(s)) {}       // NOLINT
  Value(Array a) : data_(std::move(a)) {}               // NOLINT
  Value(Object o) : data_(std::move(o)) {}              // NOLINT

  Kind kind() const { return static_cast<Kind>(data_.index()); }
  bool is(Kind k) const { return kind() == k; }
  bool is_integer() const;  // a number without fractional part, however written (1.0, 1e2)

  // Null when the value is of another kind.
  const bool* boolean() const { return std::get_if<bool>(&data_); }
  const Number* number() const { return std::get_if<Number>(&data_); }
  const std::string* string() const { return std::get_if<std::string>(&data_); }
  const Array* array() const { return std::get_if<Array>(&data_); }
  const Object* object() const { return std::get_if<Object>(&data_); }
  Array* array() { return std::get_if<Array>(&data_); }
  Object* object() { return std::get_if<Object>(&data_); }
  // The member of an object, or null (also when this is no object).
  const Value* find(std::string_view key) const;

 private:
  std::variant<std::nullptr_t, bool, Number, std::string, Array, Object> data_;
};

struct Member {
  std::string first;
  Value second;
};

// Here, because only now is a Member complete.
inline Object::Object() = default;
inline Object::Object(const Object&) = default;
inline Object::Object(Object&&) noexcept = default;
inline Object& Object::operator=(const Object&) = default;
inline Object& Object::operator=(Object&&) noexcept = default;
inline Object::~Object() = default;
inline std::size_t Object::size() const {
  return members_.size();
}
inline std::vector<Member>::const_iterator Object::begin() const {
  return members_.begin();
}
inline std::vector<Member>::const_iterator Object::end() const {
  return members_.end();
}

// JSON Schema's equality: numbers by value, objects without order.
bool equal(const Value&, const Value&);

// JSON text → tree. UTF-8 only, depth ≤ 64, one document and nothing after it.
// Fault::malformed_body with the reason and the byte offset where it is known.
Result<Value> parse_json(std::string_view text);
// Compact JSON text; numbers as they were written.
std::string to_json(const Value&);
// Appends `text` as a JSON string literal with quotes; the escapes are the shortest legal ones.
// Bytes that are no UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

}  // namespace tidegate::document
