#include <fmt/format.h>

#include <algorithm>

#include "wire/codec.h"
#include "wire/constraints.h"
#include "wire/xml_tree.h"

namespace tidegate::wire {
namespace {

Error malformed() {
  return Error{
      Fault::malformed_xml,
      "The XML you provided was not well-formed or did not validate against our published schema"};
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kWhite = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kWhite);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kWhite) - first + 1);
}

// The tree has dropped the prefixes.
std::string_view local_name(std::string_view name) {
  const std::size_t colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

class Reader {
 public:
  explicit Reader(bool strict) : strict_(strict) {}
  Decoding decoding;

  Status structure(const XmlElement& element, const Shape& shape, std::string_view path,
                   void* out) {
    std::vector<bool> seen(shape.members.size());
    for (const XmlElement& child : element.children) {
      auto found = std::find_if(shape.members.begin(), shape.members.end(), [&](const Member& m) {
        return m.in == In::body && !(m.flags & kXmlAttribute) && child.name == m.wire_name;
      });
      if (found == shape.members.end()) {
        if (strict_) return malformed();
        continue;
      }
      const auto index = static_cast<std::size_t>(found - shape.members.begin());
      TRY(Unit ok, member(child, *found, member_path(path, found->name), seen[index], out));
      (void)ok;
      seen[index] = true;
    }
    for (std::size_t i = 0; i < shape.members.size(); ++i) {
      const Member& m = shape.members[i];
      if (m.in != In::body) continue;
      if (m.flags & kXmlAttribute) {
        for (const auto& [name, value] : element.attributes)
          if (name == local_name(m.wire_name))
            seen[i] = parse_scalar(value, *m.type, m.time, m.make(out));
      }
      const std::string at = member_path(path, m.name);
      if (!seen[i] && m.required) return malformed();
      if (const void* value = seen[i] ? m.peek(out) : nullptr) decoding.check(at, m, value);
    }
    return done;
  }

 private:
  Status member(const XmlElement& element, const Member& m, const std::string& path, bool again,
                void* out) {
    if (m.type->kind == Kind::list) {
      void* list = again ? const_cast<void*>(m.peek(out)) : m.make(out);
      if (m.flags & kFlattened) return value(element, *m.type->element, path, m.type->append(list));
      for (const XmlElement& item : element.children) {
        if (item.name != (m.item_name.empty() ? "member" : m.item_name)) {
          if (strict_) return malformed();
          continue;
        }
        TRY(Unit ok, value(item, *m.type->element, path, m.type->append(list)));
        (void)ok;
      }
      return done;
    }
    if (again) return malformed();  // one value given twice
    return value(element, *m.type, path, m.make(out));
  }

  Status value(const XmlElement& element, const Type& type, const std::string& path, void* out) {
    if (type.kind == Kind::structure) return structure(element, *type.shape(), path, out);
    if (type.kind == Kind::list || type.kind == Kind::map || type.kind == Kind::json)
      return malformed();  // no document of ours nests these without a structure
    if (!element.children.empty()) return malformed();
    const std::string_view text =
        type.kind == Kind::string ? std::string_view(element.text) : trimmed(element.text);
    return parse_scalar(text, type, TimeFormat::automatic, out) ? Status(done) : malformed();
  }

  bool strict_;
};

class Writer {
 public:
  std::string out;

  void open(std::string_view name, std::string_view xmlns = {}) {
    out.push_back('<');
    out += name;
    if (!xmlns.empty()) out += fmt::format(" xmlns=\"{}\"", xmlns);
  }
  void close(std::string_view name) { out += fmt::format("</{}>", name); }

  // `name` was opened without its '>': attributes come first.
  void structure(const Shape& shape, const void* object) {
    for (const Member& m : shape.members) {
      const void* value = m.peek(object);
      if (m.in != In::body || !(m.flags & kXmlAttribute) || !value) continue;
      if (m.wire_name.starts_with("xsi:"))
        out += " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";
      out += fmt::format(" {}=\"", m.wire_name);
      append_xml_text(out, print_scalar(*m.type, m.time, value));
      out.push_back('"');
    }
    out.push_back('>');
    for (const Member& m : shape.members) {
      const void* value = m.peek(object);
      if (m.in != In::body || (m.flags & kXmlAttribute) || !value) continue;
      if (m.flags & kUnwrapped)
        append_xml_text(out, print_scalar(*m.type, m.time, value));
      else
        member(m, value);
    }
  }

 private:
  void member(const Member& m, const void* value) {
    if (m.type->kind != Kind::list) return element(m.wire_name, *m.type, m.time, value);
    const bool flat = m.flags & kFlattened;
    if (!flat) out += fmt::format("<{}>", m.wire_name);
    const std::string_view item =
        flat ? m.wire_name : (m.item_name.empty() ? "member" : m.item_name);
    for (std::size_t i = 0; i < m.type->size(value); ++i)
      element(item, *m.type->element, m.time, m.type->get(value, i));
    if (!flat) close(m.wire_name);
  }

  void element(std::string_view name, const Type& type, TimeFormat format, const void* value) {
    open(name);
    if (type.kind == Kind::structure) {
      structure(*type.shape(), value);
    } else {
      out.push_back('>');
      append_xml_text(out, print_scalar(type, format, value));
    }
    close(name);
  }
};

}  // namespace

void append_xml_text(std::string& out, std::string_view text) {
  for (char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\r':
        out += "&#13;";
        break;
      default:
        // What XML 1.0 cannot carry is shown as AWS shows it: by its number.
        if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t')
          out += fmt::format("&#x{:x};", static_cast<unsigned char>(c));
        else
          out.push_back(c);
    }
  }
}

Status decode_xml(std::string_view text, const Shape& shape, void* object, bool strict) {
  TRY(XmlElement root, parse_xml(text));
  if (!shape.xml_root.empty() && root.name != shape.xml_root) return malformed();
  Reader reader(strict);
  TRY(Unit ok, reader.structure(root, shape, "", object));
  (void)ok;
  return reader.decoding.verdict();
}

std::string encode_xml(const Shape& shape, const void* object, std::string_view root) {
  Writer writer;
  writer.out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  writer.open(root, shape.xml_namespace);
  writer.structure(shape, object);
  writer.close(root);
  return std::move(writer.out);
}

}  // namespace tidegate::wire
