// Records: plain structs ↔ bytes, by numbered fields in the tag-length-value form of protocol
// buffers, so that an older record loads for ever: unknown fields are skipped, absent ones keep
// their defaults. A struct names its fields once; a number is never reused. Pure; any thread.
//
//   struct Bucket { std::string name; Instant created; };
//   template <> struct store::record_of<Bucket> {
//     static constexpr auto fields = std::tuple{store::field(1, &Bucket::name),
//                                               store::field(2, &Bucket::created)};
//   };
//   std::string bytes = store::encode(bucket);  Result<Bucket> b = store::decode<Bucket>(bytes);
//
// A member's default may be any number, text or enum; optionals, lists and maps start empty.
// Field types: bool, integers and enums (varint, zig-zag when signed), double, std::string,
// Instant, another record, and std::optional, std::vector and std::map<std::string, …> of those.
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace tidegate::store {

template <class T>
struct record_of;  // specialise with `static constexpr auto fields`

template <class T, class M>
struct Field {
  std::uint32_t number;
  M T::*member;
};
template <class T, class M>
constexpr Field<T, M> field(std::uint32_t number, M T::*member) {
  return {number, member};
}

namespace detail {

enum class Wire : std::uint32_t { varint = 0, fixed64 = 1, bytes = 2 };

void put_varint(std::string& out, std::uint64_t value);
void put_tag(std::string& out, std::uint32_t number, Wire wire);
void put_bytes(std::string& out, std::uint32_t number, std::string_view bytes);

// One field as read: the scalar (varint or fixed64 bits) or the bytes.
struct Item {
  std::uint32_t number = 0;
  Wire wire = Wire::varint;
  std::uint64_t scalar = 0;
  std::string_view bytes;
};
// False at the end or on broken bytes (then `broken` is true).
bool next_item(std::string_view& in, Item& item, bool& broken);

template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};
template <class T>
struct is_vector : std::false_type {};
template <class T>
struct is_vector<std::vector<T>> : std::true_type {};
template <class T>
struct is_map : std::false_type {};
template <class T>
struct is_map<std::map<std::string, T>> : std::true_type {};

template <class T>
void put(std::string& out, std::uint32_t number, const T& value, bool always);
template <class T>
bool take(const Item& item, T& value);

// Whether a member's default is what an absent field stands for.
template <class M>
bool absent_means(const M& by_default) {
  if constexpr (std::is_arithmetic_v<M> || std::is_enum_v<M> || std::is_same_v<M, std::string> ||
                std::is_same_v<M, Instant>)
    return by_default == M{};
  else
    return true;
}

template <class T>
std::string encode_fields(const T& object) {
  static const T kDefault{};
  std::string out;
  // A zero is left out only where reading nothing gives zero.
  std::apply(
      [&](const auto&... f) {
        (put(out, f.number, object.*(f.member), !absent_means(kDefault.*(f.member))), ...);
      },
      record_of<T>::fields);
  return out;
}

template <class T>
bool decode_fields(std::string_view in, T& object) {
  Item item;
  bool broken = false;
  bool good = true;
  while (next_item(in, item, broken)) {
    std::apply(
        [&](const auto&... f) {
          ((f.number == item.number ? void(good = good && take(item, object.*(f.member))) : void()),
           ...);
        },
        record_of<T>::fields);
  }
  return good && !broken;
}

// A map entry is a record of its own: 1 = key, 2 = value.
template <class V>
struct Entry {
  std::string key;
  V value;
};

template <class T>
void put(std::string& out, std::uint32_t number, const T& value, bool always) {
  if constexpr (is_optional<T>::value) {
    if (value) put(out, number, *value, true);
  } else if constexpr (is_vector<T>::value) {
    for (const auto& element : value) put(out, number, element, true);
  } else if constexpr (is_map<T>::value) {
    for (const auto& [key, element] : value) {
      std::string entry;
      put(entry, 1, key, true);
      put(entry, 2, element, true);
      put_bytes(out, number, entry);
    }
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (always || !value.empty()) put_bytes(out, number, value);
  } else if constexpr (std::is_same_v<T, Instant>) {
    put(out, number, static_cast<std::int64_t>(to_ms(value)), always);
  } else if constexpr (std::is_enum_v<T>) {
    put(out, number, static_cast<std::uint64_t>(value), always);
  } else if constexpr (std::is_floating_point_v<T>) {
    if (!always && value == 0) return;
    std::uint64_t bits;
    double d = value;
    std::memcpy(&bits, &d, sizeof bits);
    put_tag(out, number, Wire::fixed64);
    for (int i = 0; i < 8; ++i) out.push_back(static_cast<char>(bits >> (8 * i)));
  } else if constexpr (std::is_integral_v<T>) {
    if (!always && value == 0) return;
    put_tag(out, number, Wire::varint);
    if constexpr (std::is_signed_v<T>) {
      auto wide = static_cast<std::int64_t>(value);
      put_varint(out,
                 (static_cast<std::uint64_t>(wide) << 1) ^ static_cast<std::uint64_t>(wide >> 63));
    } else {
      put_varint(out, value);
    }
  } else {
    std::string nested = encode_fields(value);
    if (always || !nested.empty()) put_bytes(out, number, nested);
  }
}

template <class T>
bool take(const Item& item, T& value) {
  if constexpr (is_optional<T>::value) {
    return take(item, value.emplace());
  } else if constexpr (std::is_same_v<T, std::vector<bool>>) {
    static_assert(!sizeof(T), "use std::vector<std::uint8_t>");
  } else if constexpr (is_vector<T>::value) {
    return take(item, value.emplace_back());
  } else if constexpr (is_map<T>::value) {
    if (item.wire != Wire::bytes) return false;
    std::string key;
    typename T::mapped_type element{};
    std::string_view in = item.bytes;
    Item part;
    bool broken = false;
    while (next_item(in, part, broken)) {
      if (part.number == 1 && !take(part, key)) return false;
      if (part.number == 2 && !take(part, element)) return false;
    }
    value[std::move(key)] = std::move(element);
    return !broken;
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (item.wire != Wire::bytes) return false;
    value.assign(item.bytes);
    return true;
  } else if constexpr (std::is_same_v<T, Instant>) {
    std::int64_t ms = 0;
    if (!take(item, ms)) return false;
    value = instant_from_ms(ms);
    return true;
  } else if constexpr (std::is_enum_v<T>) {
    if (item.wire != Wire::varint) return false;
    value = static_cast<T>(item.scalar);
    return static_cast<std::uint64_t>(value) == item.scalar;
  } else if constexpr (std::is_floating_point_v<T>) {
    if (item.wire != Wire::fixed64) return false;
    double d;
    std::memcpy(&d, &item.scalar, sizeof d);
    value = static_cast<T>(d);
    return true;
  } else if constexpr (std::is_integral_v<T>) {
    if (item.wire != Wire::varint) return false;
    if constexpr (std::is_signed_v<T>) {
      const std::int64_t wide =
          static_cast<std::int64_t>(item.scalar >> 1) ^ -static_cast<std::int64_t>(item.scalar & 1);
      value = static_cast<T>(wide);
      return value == wide;
    } else {
      value = static_cast<T>(item.scalar);
      return value == item.scalar;
    }
  } else {
    if (item.wire != Wire::bytes) return false;
    return decode_fields(item.bytes, value);
  }
}

}  // namespace detail

template <class T>
std::string encode(const T& record) {
  return detail::encode_fields(record);
}

// Fault::internal when the bytes are not such a record (a damaged store).
template <class T>
Result<T> decode(std::string_view bytes) {
  T record{};
  if (!detail::decode_fields(bytes, record))
    return Error{Fault::internal, "a stored record is damaged"};
  return record;
}

}  // namespace tidegate::store
