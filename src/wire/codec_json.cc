#include <fmt/format.h>

#include "base/bytes.h"
#include "wire/codec.h"
#include "wire/constraints.h"
#include "wire/json_walk.h"

namespace tidegate::wire {
namespace {

using document::Value;

const char* kind_name(document::Kind kind) {
  switch (kind) {
    case document::Kind::null:
      return "NULL_VALUE";
    case document::Kind::boolean:
      return "BOOLEAN_VALUE";
    case document::Kind::number:
      return "NUMBER_VALUE";
    case document::Kind::string:
      return "STRING_VALUE";
    case document::Kind::array:
      return "START_ARRAY";
    case document::Kind::object:
      return "START_OBJECT";
  }
  return "";
}

Error mismatch(const Value& value, const Type& type, std::string_view path) {
  return Error(Fault::malformed_body,
               fmt::format("{} cannot be converted to {} at '{}'", kind_name(value.kind()),
                           type_name(type.kind), path))
      .with("Member", std::string(path));
}

Status decode_number(const Value& value, const Type& type, std::string_view path, void* out) {
  const document::Number* n = value.number();
  if (!n) return mismatch(value, type, path);
  if (type.kind == Kind::double_) {
    *static_cast<double*>(out) = n->as_double;
    return done;
  }
  // 5.0 is 5, as AWS's own parsers take it; 5.5 is refused.
  std::string text = n->text;
  if (value.is_integer() && text.find_first_of(".eE") != std::string::npos &&
      n->as_double >= -9e15 && n->as_double <= 9e15)
    text = std::to_string(static_cast<std::int64_t>(n->as_double));
  if (!parse_scalar(text, type, TimeFormat::automatic, out)) return mismatch(value, type, path);
  return done;
}

Status decode_scalar(const Value& value, const Type& type, std::string_view path, void* out) {
  switch (type.kind) {
    case Kind::boolean:
      if (!value.boolean()) return mismatch(value, type, path);
      *static_cast<bool*>(out) = *value.boolean();
      return done;
    case Kind::string:
      if (!value.string()) return mismatch(value, type, path);
      *static_cast<std::string*>(out) = *value.string();
      return done;
    case Kind::blob: {
      if (!value.string()) return mismatch(value, type, path);
      auto bytes = from_base64(*value.string());
      if (!bytes)
        return Error(Fault::malformed_body, fmt::format("the value at '{}' is not base64", path))
            .with("Member", std::string(path));
      static_cast<Blob*>(out)->bytes = std::move(*bytes);
      return done;
    }
    case Kind::timestamp: {
      const std::string* text = value.string();
      if (!text && !value.number()) return mismatch(value, type, path);
      if (!parse_scalar(text ? *text : value.number()->text, type, TimeFormat::automatic, out))
        return mismatch(value, type, path);
      return done;
    }
    default:
      return decode_number(value, type, path, out);
  }
}

}  // namespace

Status decode_json_value(const Value& value, const Type& type, std::string_view path, Decoding& d,
                         void* out) {
  switch (type.kind) {
    case Kind::json:
      *static_cast<Value*>(out) = value;
      return done;
    case Kind::structure:
      if (!value.object()) return mismatch(value, type, path);
      return decode_json_object(*value.object(), *type.shape(), path, d, out);
    case Kind::list: {
      if (!value.array()) return mismatch(value, type, path);
      std::size_t index = 1;
      for (const Value& item : *value.array()) {
        const std::string at = fmt::format("{}.{}.member", path, index++);
        if (item.is(document::Kind::null)) return mismatch(item, *type.element, at);
        TRY(Unit ok, decode_json_value(item, *type.element, at, d, type.append(out)));
        (void)ok;
      }
      return done;
    }
    case Kind::map: {
      if (!value.object()) return mismatch(value, type, path);
      for (const document::Member& m : *value.object()) {
        if (m.second.is(document::Kind::null)) continue;
        const std::string at = fmt::format("{}.{}", path, m.first);
        TRY(Unit ok, decode_json_value(m.second, *type.element, at, d, type.insert(out, m.first)));
        (void)ok;
      }
      return done;
    }
    default:
      return decode_scalar(value, type, path, out);
  }
}

Status decode_json_object(const document::Object& object, const Shape& shape, std::string_view path,
                          Decoding& d, void* out) {
  for (const Member& m : shape.members) {
    if (m.in != In::body) continue;
    const Value* value = object.find(m.wire_name);
    const std::string at = member_path(path, m.name);
    if (!value || value->is(document::Kind::null)) {
      if (m.required) d.missing(at, m);
      continue;
    }
    void* place = m.make(out);
    TRY(Unit ok, decode_json_value(*value, *m.type, at, d, place));
    (void)ok;
    d.check(at, m, place);
  }
  return done;
}

Status decode_json(std::string_view text, const Shape& shape, void* object) {
  TRY(Value root, document::parse_json(text));
  if (!root.object()) return Error{Fault::malformed_body, "the body must be a JSON object"};
  Decoding d;
  TRY(Unit ok, decode_json_object(*root.object(), shape, "", d, object));
  (void)ok;
  return d.verdict();
}

// --- out --------------------------------------------------------------------------------------

void append_json_value(std::string& out, const Type& type, TimeFormat format, const void* value) {
  switch (type.kind) {
    case Kind::structure:
      append_json_object(out, *type.shape(), value);
      return;
    case Kind::json:
      out += document::to_json(*static_cast<const Value*>(value));
      return;
    case Kind::list: {
      out.push_back('[');
      for (std::size_t i = 0; i < type.size(value); ++i) {
        if (i) out.push_back(',');
        append_json_value(out, *type.element, format, type.get(value, i));
      }
      out.push_back(']');
      return;
    }
    case Kind::map: {
      struct Walk {
        std::string& out;
        const Type& element;
        TimeFormat format;
        bool first = true;
      } walk{out, *type.element, format};
      out.push_back('{');
      type.each(value, &walk, [](void* context, std::string_view key, const void* item) {
        auto& w = *static_cast<Walk*>(context);
        if (!w.first) w.out.push_back(',');
        w.first = false;
        document::append_json_string(w.out, key);
        w.out.push_back(':');
        append_json_value(w.out, w.element, w.format, item);
      });
      out.push_back('}');
      return;
    }
    case Kind::string:
    case Kind::blob:
      document::append_json_string(out, print_scalar(type, format, value));
      return;
    case Kind::timestamp: {
      // The protocol's default is a number of seconds.
      const bool number = format == TimeFormat::automatic || format == TimeFormat::epoch;
      std::string text = print_scalar(type, number ? TimeFormat::epoch : format, value);
      if (number)
        out += text;
      else
        document::append_json_string(out, text);
      return;
    }
    default:
      out += print_scalar(type, format, value);
  }
}

void append_json_object(std::string& out, const Shape& shape, const void* object) {
  out.push_back('{');
  bool first = true;
  for (const Member& m : shape.members) {
    if (m.in != In::body) continue;
    const void* value = m.peek(object);
    if (!value) continue;
    if (!first) out.push_back(',');
    first = false;
    document::append_json_string(out, m.wire_name);
    out.push_back(':');
    append_json_value(out, *m.type, m.time, value);
  }
  out.push_back('}');
}

std::string encode_json(const Shape& shape, const void* object) {
  std::string out;
  append_json_object(out, shape, object);
  return out;
}

}  // namespace tidegate::wire
