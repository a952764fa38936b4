// Shapes: what a structure looks like on the wire, as constant tables. A wire struct is plain data;
// its Shape lists the members (name, place, limits), and presence follows from the C++ type
// (std::optional or not). Codecs walk the tables through type-erased accessors, so one codec per
// format serves every structure. Constant after start-up; any thread.
//
//   template <> struct wire::shape_of<StartDeploymentInput> {
//     using S = StartDeploymentInput;
//     static constexpr Member members[] = {
//         field<&S::application_id>("ApplicationId").bind(In::label).length(1, 64),
//         field<&S::description>("Description").length(0, 1024)};
//     static constexpr Shape value{"StartDeploymentRequest", members};
//   };
//
// Names are those of AWS's service model; a wire name that differs is given with .wire("Event").
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "document/value.h"

namespace tidegate::wire {

enum class In : std::uint8_t {
  body,
  label,
  greedy_label,
  query,
  header,
  prefix_headers,  // prefix_headers: map, name is the prefix
  payload,         // the member is the whole body
  status_code,
};
enum class Kind : std::uint8_t {
  boolean,
  integer,
  long_,
  double_,
  string,
  blob,
  timestamp,
  list,
  map,
  structure,
  json
};
enum class TimeFormat : std::uint8_t { automatic, iso8601, epoch, http_date, text };
enum : std::uint8_t {
  kFlattened = 1,
  kXmlAttribute = 2,
  kUnwrapped = 4,
  kSensitive = 8,
  kStreaming = 16
};

// Raw bytes: base64 inside JSON and XML, as they are in a payload.
struct Blob {
  std::string bytes;
  friend bool operator==(const Blob&, const Blob&) = default;
};

struct Shape;

// The erased operations of one C++ type. `element` is that of a list or the values of a map.
struct Type {
  Kind kind;
  const Type* element = nullptr;
  const Shape* (*shape)() = nullptr;                       // structure
  std::size_t (*size)(const void*) = nullptr;              // list
  const void* (*get)(const void*, std::size_t) = nullptr;  // list
  void* (*append)(void*) = nullptr;                        // list: a new last element
  void* (*insert)(void*, std::string_view key) = nullptr;  // map: value for key
  void (*each)(const void*, void* context,
               void (*visit)(void* context, std::string_view key,
                             const void* value)) = nullptr;  // map
};

struct Member {
  std::string_view name;       // the model's member name
  std::string_view wire_name;  // its locationName; the model's name when that has none
  std::string_view item_name;  // XML name of a list's items ("member" unless said)
  In in = In::body;
  const Type* type = nullptr;
  bool required = false;  // C++ type is not optional, list or map (or .needed())
  TimeFormat time = TimeFormat::automatic;
  std::uint8_t flags = 0;
  std::int64_t min = -1,
               max = -1;  // length of strings, lists, maps, blobs; value of numbers; -1 none
  bool bounded_below = false, bounded_above = false;
  std::string_view pattern;  // documentation for the model check; checked in domain code
  std::span<const std::string_view> one_of;
  void* (*make)(void* object) = nullptr;              // storage of the value, engaged when optional
  const void* (*peek)(const void* object) = nullptr;  // null when an optional is empty

  constexpr Member bind(In place) const {
    Member m = *this;
    m.in = place;
    return m;
  }
  constexpr Member wire(std::string_view n) const {
    Member m = *this;
    m.wire_name = n;
    return m;
  }
  constexpr Member items(std::string_view n) const {
    Member m = *this;
    m.item_name = n;
    return m;
  }
  constexpr Member with(std::uint8_t more) const {
    Member m = *this;
    m.flags |= more;
    return m;
  }
  constexpr Member as(TimeFormat f) const {
    Member m = *this;
    m.time = f;
    return m;
  }
  constexpr Member needed() const {
    Member m = *this;
    m.required = true;
    return m;
  }
  constexpr Member not_needed() const {
    Member m = *this;
    m.required = false;
    return m;
  }
  constexpr Member length(std::int64_t lo, std::int64_t hi) const {
    Member m = *this;
    m.min = lo;
    m.max = hi;
    m.bounded_below = m.bounded_above = true;
    return m;
  }
  constexpr Member range(std::int64_t lo, std::int64_t hi) const { return length(lo, hi); }
  constexpr Member at_least(std::int64_t lo) const {
    Member m = *this;
    m.min = lo;
    m.bounded_below = true;
    return m;
  }
  constexpr Member at_most(std::int64_t hi) const {
    Member m = *this;
    m.max = hi;
    m.bounded_above = true;
    return m;
  }
  constexpr Member matching(std::string_view p) const {
    Member m = *this;
    m.pattern = p;
    return m;
  }
  constexpr Member values(std::span<const std::string_view> v) const {
    Member m = *this;
    m.one_of = v;
    return m;
  }
};

struct Shape {
  std::string_view name;  // the model's shape name
  std::span<const Member> members;
  std::string_view xml_root = {};  // root element of an S3 document, when it is one
  std::string_view xml_namespace = {};
};

template <class T>
struct shape_of;  // specialise with `static constexpr Shape value`

struct Nothing {};  // an input or output without members
template <>
struct shape_of<Nothing> {
  static constexpr Shape value{"", {}};
};

namespace detail {

template <class T>
struct unwrap {
  using type = T;
  static constexpr bool optional = false;
};
template <class T>
struct unwrap<std::optional<T>> {
  using type = T;
  static constexpr bool optional = true;
};

template <class T>
constexpr bool is_list = false;
template <class T>
constexpr bool is_list<std::vector<T>> = true;
template <class T>
constexpr bool is_map = false;
template <class T>
constexpr bool is_map<std::map<std::string, T>> = true;

template <class T>
const Shape* shape_pointer() {
  return &shape_of<T>::value;
}

template <class T>
struct type_of;

template <class T>
constexpr Type make_type() {
  if constexpr (std::is_same_v<T, bool>)
    return {Kind::boolean};
  else if constexpr (std::is_same_v<T, std::int32_t>)
    return {Kind::integer};
  else if constexpr (std::is_same_v<T, std::int64_t>)
    return {Kind::long_};
  else if constexpr (std::is_same_v<T, double>)
    return {Kind::double_};
  else if constexpr (std::is_same_v<T, std::string>)
    return {Kind::string};
  else if constexpr (std::is_same_v<T, Blob>)
    return {Kind::blob};
  else if constexpr (std::is_same_v<T, Instant>)
    return {Kind::timestamp};
  else if constexpr (std::is_same_v<T, document::Value>)
    return {Kind::json};
  else if constexpr (is_list<T>) {
    using E = typename T::value_type;
    Type t{Kind::list};
    t.element = &type_of<E>::value;
    t.size = [](const void* v) { return static_cast<const T*>(v)->size(); };
    t.get = [](const void* v, std::size_t i) -> const void* {
      return &(*static_cast<const T*>(v))[i];
    };
    t.append = [](void* v) -> void* { return &static_cast<T*>(v)->emplace_back(); };
    return t;
  } else if constexpr (is_map<T>) {
    Type t{Kind::map};
    t.element = &type_of<typename T::mapped_type>::value;
    t.insert = [](void* v, std::string_view key) -> void* {
      return &(*static_cast<T*>(v))[std::string(key)];
    };
    t.each = [](const void* v, void* context, void (*visit)(void*, std::string_view, const void*)) {
      for (const auto& [key, value] : *static_cast<const T*>(v)) visit(context, key, &value);
    };
    return t;
  } else {
    Type t{Kind::structure};
    t.shape = &shape_pointer<T>;
    return t;
  }
}

template <class T>
struct type_of {
  static constexpr Type value = make_type<T>();
};

template <class>
struct member_pointer;
template <class S, class T>
struct member_pointer<T S::*> {
  using object = S;
  using value = T;
};

}  // namespace detail

template <auto M>
constexpr Member field(std::string_view name) {
  using P = detail::member_pointer<decltype(M)>;
  using S = typename P::object;
  using U = detail::unwrap<typename P::value>;
  Member m;
  m.name = name;
  m.wire_name = name;
  m.type = &detail::type_of<typename U::type>::value;
  m.required =
      !U::optional && !detail::is_list<typename U::type> && !detail::is_map<typename U::type>;
  if constexpr (U::optional) {
    m.make = [](void* o) -> void* { return &(static_cast<S*>(o)->*M).emplace(); };
    m.peek = [](const void* o) -> const void* {
      const auto& value = static_cast<const S*>(o)->*M;
      return value ? &*value : nullptr;
    };
  } else {
    m.make = [](void* o) -> void* { return &(static_cast<S*>(o)->*M); };
    m.peek = [](const void* o) -> const void* { return &(static_cast<const S*>(o)->*M); };
  }
  return m;
}

}  // namespace tidegate::wire
