#include "wire/describe.h"

#include <algorithm>
#include <array>

#include "document/value.h"

namespace tidegate::wire {
namespace {

using document::Array;
using document::Object;
using document::Value;

std::string_view text_of(Protocol protocol) {
  switch (protocol) {
    case Protocol::rest_json:
      return "rest-json";
    case Protocol::rest_xml:
      return "rest-xml";
    case Protocol::json:
      return "json";
    case Protocol::query:
      break;
  }
  return "query";
}

std::string_view text_of(In in) {
  constexpr std::array<std::string_view, 8> kNames = {"body",    "label",      "greedy_label",
                                                      "query",   "header",     "prefix_headers",
                                                      "payload", "status_code"};
  return kNames.at(static_cast<std::size_t>(in));
}

std::string_view text_of(Kind kind) {
  constexpr std::array<std::string_view, 11> kNames = {
      "boolean",   "integer", "long", "double",    "string", "blob",
      "timestamp", "list",    "map",  "structure", "json"};
  return kNames.at(static_cast<std::size_t>(kind));
}

std::string_view text_of(TimeFormat format) {
  constexpr std::array<std::string_view, 5> kNames = {"", "iso8601", "epoch", "http_date", "text"};
  return kNames.at(static_cast<std::size_t>(format));
}

class Describer {
 public:
  Value shape(const Shape& s) {
    Object out;
    out.set("name", s.name);
    // A shape inside itself is shown by name.
    if (std::find(open_.begin(), open_.end(), &s) != open_.end()) {
      out.set("recursive", true);
      return out;
    }
    open_.push_back(&s);
    if (!s.xml_root.empty()) out.set("root", s.xml_root);
    Array members;
    for (const Member& m : s.members) members.emplace_back(member(m));
    out.set("members", std::move(members));
    open_.pop_back();
    return out;
  }

 private:
  void type(const Type& t, Object& out) {
    out.set("kind", text_of(t.kind));
    if (t.kind == Kind::structure) out.set("shape", shape(*t.shape()));
    if (!t.element) return;
    Object element;
    type(*t.element, element);
    out.set("element", std::move(element));
  }

  Value member(const Member& m) {
    Object out;
    out.set("name", m.name);
    out.set("wire", m.wire_name);
    out.set("in", text_of(m.in));
    type(*m.type, out);
    out.set("required", m.required);
    if (!m.item_name.empty()) out.set("item", m.item_name);
    if (m.bounded_below) out.set("min", m.min);
    if (m.bounded_above) out.set("max", m.max);
    if (!m.pattern.empty()) out.set("pattern", m.pattern);
    if (m.time != TimeFormat::automatic) out.set("time", text_of(m.time));
    if (!m.one_of.empty()) {
      Array values;
      for (std::string_view v : m.one_of) values.emplace_back(v);
      out.set("enum", std::move(values));
    }
    constexpr std::pair<std::uint8_t, std::string_view> kFlags[] = {{kFlattened, "flattened"},
                                                                    {kXmlAttribute, "attribute"},
                                                                    {kUnwrapped, "unwrapped"},
                                                                    {kSensitive, "sensitive"},
                                                                    {kStreaming, "streaming"}};
    Array flags;
    for (const auto& [bit, name] : kFlags)
      if (m.flags & bit) flags.emplace_back(name);
    if (!flags.empty()) out.set("flags", std::move(flags));
    return out;
  }

  std::vector<const Shape*> open_;
};

std::string operation(const Row& row, bool refused) {
  Object out;
  out.set("name", row.name);
  out.set("method", http::to_string(row.method));
  out.set("uri", row.uri);
  if (!row.alias_uri.empty()) out.set("alias", row.alias_uri);
  out.set("status", static_cast<std::int64_t>(row.status));
  out.set("action", row.action);
  out.set("refused", refused);
  out.set("body", row.body == BodyMode::received ? "received" : "decoded");
  if (row.input) out.set("input", Describer().shape(*row.input));
  if (row.output) out.set("output", Describer().shape(*row.output));
  return document::to_json(out);
}

}  // namespace

std::string describe(const std::vector<const Table*>& tables) {
  std::string out = "{\"services\":[";
  bool first_table = true;
  for (const Table* table : tables) {
    if (!std::exchange(first_table, false)) out += ",";
    out += fmt::format("\n{{\"service\":\"{}\",\"protocol\":\"{}\",\"operations\":[",
                       to_string(table->service()), text_of(table->protocol()));
    bool first = true;
    auto add = [&](const Row& row, bool refused) {
      if (!std::exchange(first, false)) out += ",";
      out += "\n" + operation(row, refused);
    };
    for (const Entry& e : table->entries()) add(*e.row, false);
    for (const Row* row : table->refused()) add(*row, true);
    out += "\n]}";
  }
  return out + "\n]}\n";
}

}  // namespace tidegate::wire
