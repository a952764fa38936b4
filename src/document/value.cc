#include "document/value.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "document/decimal.h"

namespace tidegate::document {

const Value* Object::find(std::string_view key) const {
  for (const Member& m : members_)
    if (m.first == key) return &m.second;
  return nullptr;
}

Value* Object::find(std::string_view key) {
  return const_cast<Value*>(static_cast<const Object*>(this)->find(key));
}

Value& Object::set(std::string key, Value value) {
  if (Value* known = find(key)) return *known = std::move(value);
  members_.push_back({std::move(key), std::move(value)});
  return members_.back().second;
}

bool Object::erase(std::string_view key) {
  return std::erase_if(members_, [&](const Member& m) { return m.first == key; }) > 0;
}

void Object::append_unchecked(std::string key, Value value) {
  members_.push_back({std::move(key), std::move(value)});
}

Value::Value(int n) : Value(static_cast<std::int64_t>(n)) {}
Value::Value(std::int64_t n) : data_(Number{std::to_string(n), static_cast<double>(n)}) {}
Value::Value(double n) {
  CHECK(std::isfinite(n));
  data_ = Number{fmt::format("{}", n), n};
}

bool Value::is_integer() const {
  const Number* n = number();
  if (!n) return false;
  if (n->text.find_first_of(".eE") == std::string::npos) return true;
  return parse_decimal(n->text).exponent >= 0;
}

const Value* Value::find(std::string_view key) const {
  const Object* o = object();
  return o ? o->find(key) : nullptr;
}

namespace {

// By value and exactly: two large integers may share their nearest double.
bool equal_numbers(const Number& a, const Number& b) {
  if (a.text == b.text) return true;
  return a.as_double == b.as_double && compare(parse_decimal(a.text), parse_decimal(b.text)) == 0;
}

bool equal_objects(const Object& a, const Object& b) {
  if (a.size() != b.size()) return false;
  // Sorted views: comparing large objects member by member must not be quadratic.
  auto sorted = [](const Object& o) {
    std::vector<const Member*> members;
    for (const Member& m : o) members.push_back(&m);
    std::sort(members.begin(), members.end(), [](auto* x, auto* y) { return x->first < y->first; });
    return members;
  };
  auto left = sorted(a), right = sorted(b);
  for (std::size_t i = 0; i < left.size(); ++i)
    if (left[i]->first != right[i]->first || !equal(left[i]->second, right[i]->second))
      return false;
  return true;
}

}  // namespace

bool equal(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Kind::null:
      return true;
    case Kind::boolean:
      return *a.boolean() == *b.boolean();
    case Kind::number:
      return equal_numbers(*a.number(), *b.number());
    case Kind::string:
      return *a.string() == *b.string();
    case Kind::array:
      return std::equal(a.array()->begin(), a.array()->end(), b.array()->begin(), b.array()->end(),
                        equal);
    case Kind::object:
      return equal_objects(*a.object(), *b.object());
  }
  return false;
}

}  // namespace tidegate::document
