// CBOR (RFC 8949) as Smithy's RPC v2 has it, read and written along the shape as the other formats.
#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <limits>

#include "base/bytes.h"
#include "wire/constraints.h"
#include "wire/rpc.h"

namespace tidegate::wire {
namespace {

enum Major : std::uint8_t { kUnsigned, kNegative, kBytes, kText, kArray, kMap, kTag, kSimple };
enum Info : std::uint8_t {
  kFalse = 20,
  kTrue = 21,
  kNull = 22,
  kUndefined = 23,
  kHalf = 25,
  kSingle = 26,
  kDouble = 27,
  kIndefinite = 31,
};
constexpr char kBreak = '\xff';
constexpr std::uint64_t kEpochTag = 1;
constexpr int kMaxDepth = 32;

// How an item begins. An array's or map's argument counts what is left of it.
struct Head {
  Major major = kSimple;
  std::uint8_t info = 0;
  std::uint64_t argument = 0;
  bool indefinite() const { return info == kIndefinite; }
  bool is(Info simple) const { return major == kSimple && info == simple; }
  bool nothing() const { return is(kNull) || is(kUndefined); }
};

double from_half(std::uint64_t bits) {
  const int exponent = static_cast<int>(bits >> 10 & 31);
  const double fraction = static_cast<double>(bits & 1023);
  double value = std::ldexp(fraction + 1024, exponent - 25);
  if (exponent == 0) value = std::ldexp(fraction, -24);
  if (exponent == 31)
    value = fraction == 0 ? std::numeric_limits<double>::infinity()
                          : std::numeric_limits<double>::quiet_NaN();
  return (bits & 0x8000) ? -value : value;
}

const char* kind_name(const Head& h) {
  constexpr const char* kNames[] = {"an integer", "an integer", "a byte string", "a text string",
                                    "an array",   "a map",      "a tagged item", "a simple value"};
  return kNames[h.major];
}

Error malformed(std::string text) {
  return {Fault::malformed_body, "the body is not well-formed CBOR: " + std::move(text)};
}
Error mismatch(const Head& h, const Type& type, const std::string& path) {
  return Error(Fault::malformed_body, fmt::format("{} cannot be converted to {} at '{}'",
                                                  kind_name(h), type_name(type.kind), path))
      .with("Member", path);
}

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  Status document(const Shape& shape, void* out) {
    TRY(Head h, head());
    if (h.major != kMap) return Error{Fault::malformed_body, "the body must be a CBOR map"};
    TRY(Unit ok, structure(h, shape, "", 0, out));
    (void)ok;
    if (!rest_.empty()) return malformed("something follows its end");
    return decoding_.verdict();
  }

 private:
  Result<std::string_view> take(std::uint64_t count) {
    if (count > rest_.size()) return malformed("it is cut short");
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  Result<Head> head() {
    TRY(std::string_view first, take(1));
    const auto byte = static_cast<unsigned char>(first.front());
    Head h{static_cast<Major>(byte >> 5), static_cast<std::uint8_t>(byte & 31), 0};
    if (h.indefinite()) {
      if (h.major < kBytes || h.major > kMap) return malformed("a break where an item must stand");
      return h;
    }
    if (h.info > kDouble) return malformed("a reserved length");
    h.argument = h.info;
    if (h.info < 24) return h;
    TRY(std::string_view bytes, take(std::uint64_t{1} << (h.info - 24)));
    h.argument = 0;
    for (const char c : bytes) h.argument = h.argument << 8 | static_cast<unsigned char>(c);
    if (h.major == kSimple && h.info == 24 && h.argument < 32) return malformed("a reserved value");
    return h;
  }

  // Whether one more item follows in an array, a map or a string of pieces.
  Result<bool> more(Head& container) {
    if (!container.indefinite()) return container.argument != 0 && container.argument-- != 0;
    if (rest_.empty()) return malformed("it is cut short");
    if (rest_.front() != kBreak) return true;
    rest_.remove_prefix(1);
    return false;
  }

  Result<std::string> string(Head h) {
    std::string out;
    auto piece = [&](std::uint64_t size) -> Status {
      TRY(std::string_view bytes, take(size));
      if (h.major == kText && !valid_utf8(bytes)) return malformed("a text that is no UTF-8");
      out += bytes;
      return done;
    };
    if (!h.indefinite()) {
      TRY(Unit ok, piece(h.argument));
      (void)ok;
      return out;
    }
    for (;;) {
      TRY(bool another, more(h));
      if (!another) return out;
      TRY(Head next, head());
      if (next.major != h.major || next.indefinite())
        return malformed("a string of pieces that are none");
      TRY(Unit ok, piece(next.argument));
      (void)ok;
    }
  }

  // Over what no member of ours names.
  Status skip(Head h, int depth) {
    if (depth > kMaxDepth) return malformed("it is nested too deeply");
    if (h.major == kBytes || h.major == kText) {
      TRY(std::string ignored, string(h));
      (void)ignored;
      return done;
    }
    if (h.major == kTag) {
      TRY(Head tagged, head());
      return skip(tagged, depth + 1);
    }
    if (h.major != kArray && h.major != kMap) return done;
    for (;;) {
      TRY(bool another, more(h));
      if (!another) return done;
      for (int i = 0; i < (h.major == kMap ? 2 : 1); ++i) {
        TRY(Head item, head());
        TRY(Unit ok, skip(item, depth + 1));
        (void)ok;
      }
    }
  }

  Result<std::string> key() {
    TRY(Head h, head());
    if (h.major != kText) return Error{Fault::malformed_body, "the keys of a map must be text"};
    return string(h);
  }

  Status structure(Head h, const Shape& shape, const std::string& path, int depth, void* out) {
    std::vector<bool> seen(shape.members.size());
    for (;;) {
      TRY(bool another, more(h));
      if (!another) break;
      TRY(std::string name, key());
      TRY(Head item, head());
      std::size_t i = 0;
      while (i < seen.size() &&
             (shape.members[i].in != In::body || shape.members[i].wire_name != name))
        ++i;
      if (i == seen.size()) {
        TRY(Unit ok, skip(item, depth + 1));
        (void)ok;
        continue;
      }
      if (item.nothing()) continue;
      const Member& m = shape.members[i];
      const std::string at = member_path(path, m.name);
      if (seen[i])
        return Error(Fault::malformed_body, fmt::format("'{}' is given twice", at))
            .with("Member", at);
      seen[i] = true;
      void* place = m.make(out);
      TRY(Unit ok, value(item, *m.type, at, depth + 1, place));
      (void)ok;
      decoding_.check(at, m, place);
    }
    for (std::size_t i = 0; i < seen.size(); ++i) {
      const Member& m = shape.members[i];
      if (m.in == In::body && m.required && !seen[i])
        decoding_.missing(member_path(path, m.name), m);
    }
    return done;
  }

  Status list(Head h, const Type& type, const std::string& path, int depth, void* out) {
    for (std::size_t index = 1;; ++index) {
      TRY(bool another, more(h));
      if (!another) return done;
      TRY(Head item, head());
      const std::string at = fmt::format("{}.{}.member", path, index);
      TRY(Unit ok, value(item, *type.element, at, depth + 1, type.append(out)));
      (void)ok;
    }
  }

  Status map(Head h, const Type& type, const std::string& path, int depth, void* out) {
    for (;;) {
      TRY(bool another, more(h));
      if (!another) return done;
      TRY(std::string name, key());
      TRY(Head item, head());
      if (item.nothing()) continue;
      const std::string at = fmt::format("{}.{}", path, name);
      TRY(Unit ok, value(item, *type.element, at, depth + 1, type.insert(out, name)));
      (void)ok;
    }
  }

  Status value(const Head& h, const Type& type, const std::string& path, int depth, void* out) {
    if (depth > kMaxDepth) return malformed("it is nested too deeply");
    switch (type.kind) {
      case Kind::structure:
        if (h.major != kMap) return mismatch(h, type, path);
        return structure(h, *type.shape(), path, depth, out);
      case Kind::list:
        if (h.major != kArray) return mismatch(h, type, path);
        return list(h, type, path, depth, out);
      case Kind::map:
        if (h.major != kMap) return mismatch(h, type, path);
        return map(h, type, path, depth, out);
      default:
        return scalar(h, type, path, out);
    }
  }

  Status scalar(const Head& h, const Type& type, const std::string& path, void* out) {
    switch (type.kind) {
      case Kind::boolean:
        if (!h.is(kTrue) && !h.is(kFalse)) return mismatch(h, type, path);
        *static_cast<bool*>(out) = h.is(kTrue);
        return done;
      case Kind::string: {
        if (h.major != kText) return mismatch(h, type, path);
        TRY(*static_cast<std::string*>(out), string(h));
        return done;
      }
      case Kind::blob: {
        if (h.major != kBytes) return mismatch(h, type, path);
        TRY(static_cast<Blob*>(out)->bytes, string(h));
        return done;
      }
      case Kind::timestamp: {
        if (h.major != kTag || h.argument != kEpochTag) return mismatch(h, type, path);
        TRY(Head seconds, head());
        const auto number = real(seconds);
        if (!number || !(std::fabs(*number) < 1e12)) return mismatch(seconds, type, path);
        *static_cast<Instant*>(out) =
            instant_from_ms(static_cast<std::int64_t>(std::llround(*number * 1000)));
        return done;
      }
      case Kind::double_: {
        const auto number = real(h);
        if (!number) return mismatch(h, type, path);
        *static_cast<double*>(out) = *number;
        return done;
      }
      case Kind::integer:
        return whole<std::int32_t>(h, type, path, out);
      case Kind::long_:
        return whole<std::int64_t>(h, type, path, out);
      default:  // Smithy has no documents in this protocol
        return mismatch(h, type, path);
    }
  }

  template <class T>
  static Status whole(const Head& h, const Type& type, const std::string& path, void* out) {
    constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<T>::max());
    if (h.major > kNegative || h.argument > kMost) return mismatch(h, type, path);
    const auto n = static_cast<T>(h.argument);
    *static_cast<T*>(out) = h.major == kNegative ? static_cast<T>(-1 - n) : n;
    return done;
  }

  static std::optional<double> real(const Head& h) {
    if (h.major == kUnsigned) return static_cast<double>(h.argument);
    if (h.major == kNegative) return -1 - static_cast<double>(h.argument);
    if (h.is(kHalf)) return from_half(h.argument);
    if (h.is(kSingle)) return std::bit_cast<float>(static_cast<std::uint32_t>(h.argument));
    if (h.is(kDouble)) return std::bit_cast<double>(h.argument);
    return std::nullopt;
  }

  std::string_view rest_;
  Decoding decoding_;
};

// --- out --------------------------------------------------------------------------------------

void append_big_endian(std::string& out, std::uint64_t value, int bytes) {
  while (bytes-- > 0) out.push_back(static_cast<char>(value >> (8 * bytes)));
}

void append_head(std::string& out, Major major, std::uint64_t argument) {
  const auto front = static_cast<unsigned>(major) << 5;
  if (argument < 24) {
    out.push_back(static_cast<char>(front | argument));
    return;
  }
  unsigned size = 0;  // of the argument: 1, 2, 4 or 8 bytes
  while (size < 3 && argument >> (8u << size)) ++size;
  out.push_back(static_cast<char>(front | (24 + size)));
  append_big_endian(out, argument, 1 << size);
}

void append_simple(std::string& out, std::uint8_t info) {
  out.push_back(static_cast<char>(kSimple << 5 | info));
}

void append_whole(std::string& out, std::int64_t n) {
  const auto bits = static_cast<std::uint64_t>(n);
  append_head(out, n < 0 ? kNegative : kUnsigned, n < 0 ? ~bits : bits);
}

void append_double(std::string& out, double n) {
  append_simple(out, kDouble);
  append_big_endian(out, std::bit_cast<std::uint64_t>(n), 8);
}

void append_bytes(std::string& out, Major major, std::string_view bytes) {
  append_head(out, major, bytes.size());
  out += bytes;
}

// Maps are written without their length: which members are there shows while they are written.
void begin_map(std::string& out) {
  out.push_back(static_cast<char>(kMap << 5 | kIndefinite));
}

void append_structure(std::string& out, const Shape& shape, const void* object);

void append_value(std::string& out, const Type& type, const void* value) {
  switch (type.kind) {
    case Kind::boolean:
      return append_simple(out, *static_cast<const bool*>(value) ? kTrue : kFalse);
    case Kind::integer:
      return append_whole(out, *static_cast<const std::int32_t*>(value));
    case Kind::long_:
      return append_whole(out, *static_cast<const std::int64_t*>(value));
    case Kind::double_:
      return append_double(out, *static_cast<const double*>(value));
    case Kind::string:
      return append_bytes(out, kText, *static_cast<const std::string*>(value));
    case Kind::blob:
      return append_bytes(out, kBytes, static_cast<const Blob*>(value)->bytes);
    case Kind::timestamp: {
      const std::int64_t ms = to_ms(*static_cast<const Instant*>(value));
      append_head(out, kTag, kEpochTag);
      if (ms % 1000 == 0) return append_whole(out, ms / 1000);
      return append_double(out, static_cast<double>(ms) / 1000);
    }
    case Kind::list:
      append_head(out, kArray, type.size(value));
      for (std::size_t i = 0; i < type.size(value); ++i)
        append_value(out, *type.element, type.get(value, i));
      return;
    case Kind::map: {
      struct Walk {
        std::string& out;
        const Type& element;
      } walk{out, *type.element};
      begin_map(out);
      type.each(value, &walk, [](void* context, std::string_view key, const void* item) {
        auto& w = *static_cast<Walk*>(context);
        append_bytes(w.out, kText, key);
        append_value(w.out, w.element, item);
      });
      out.push_back(kBreak);
      return;
    }
    case Kind::structure:
      return append_structure(out, *type.shape(), value);
    case Kind::json:  // Smithy has no documents in this protocol
      return append_simple(out, kNull);
  }
}

void append_structure(std::string& out, const Shape& shape, const void* object) {
  begin_map(out);
  for (const Member& m : shape.members) {
    const void* value = m.in == In::body ? m.peek(object) : nullptr;
    if (!value) continue;
    append_bytes(out, kText, m.wire_name);
    append_value(out, *m.type, value);
  }
  out.push_back(kBreak);
}

}  // namespace

Status decode_cbor(std::string_view bytes, const Shape& shape, void* object) {
  // What has no members may be sent as no body at all.
  constexpr std::string_view kEmptyMap = "\xa0";
  return Reader(bytes.empty() ? kEmptyMap : bytes).document(shape, object);
}

std::string encode_cbor(const Shape& shape, const void* object) {
  std::string out;
  append_structure(out, shape, object);
  return out;
}

}  // namespace tidegate::wire
