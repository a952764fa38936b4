#include "document/schema.h"

#include <fmt/format.h>

#include <algorithm>

#include "document/schema_node.h"
#include "document/schema_validate.h"

namespace tidegate::document {
namespace {

void append_canonical(std::string& out, const Value& value) {
  if (const Number* number = value.number()) {
    out += parse_decimal(number->text).canonical();
  } else if (const Array* array = value.array()) {
    out += '[';
    for (const Value& item : *array) {
      append_canonical(out, item);
      out += ',';
    }
    out += ']';
  } else if (const Object* object = value.object()) {
    std::vector<const Member*> members;
    for (const Member& m : *object) members.push_back(&m);
    std::sort(members.begin(), members.end(), [](auto* a, auto* b) { return a->first < b->first; });
    out += '{';
    for (const Member* m : members) {
      append_json_string(out, m->first);
      out += ':';
      append_canonical(out, m->second);
      out += ',';
    }
    out += '}';
  } else {
    out += to_json(value);
  }
}

}  // namespace

std::string canonical_text(const Value& value) {
  std::string out;
  append_canonical(out, value);
  return out;
}

unsigned type_bits(const Value& value) {
  switch (value.kind()) {
    case Kind::null:
      return kTypeNull;
    case Kind::boolean:
      return kTypeBoolean;
    case Kind::number:
      return value.number()->text.find_first_of(".eE") == std::string::npos
                 ? kTypeInteger | kTypeNumber
                 : kTypeNumber;
    case Kind::string:
      return kTypeString;
    case Kind::array:
      return kTypeArray;
    case Kind::object:
      return kTypeObject;
  }
  return 0;
}

const char* type_name(const Value& value) {
  switch (value.kind()) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return "boolean";
    case Kind::number:
      return type_bits(value) & kTypeInteger ? "integer" : "number";
    case Kind::string:
      return "string";
    case Kind::array:
      return "array";
    case Kind::object:
      return "object";
  }
  return "";
}

Result<Schema> Schema::compile(std::string_view json_text) {
  auto value = parse_json(json_text);
  if (!value.ok()) return Error{Fault::invalid_argument, "#: " + value.error().message};
  return compile(*value);
}

Result<Schema> Schema::compile(const Value& schema, const SchemaDocuments& documents) {
  TRY(CompiledSchema compiled, compile_schema(schema, documents));
  return Schema(std::make_shared<const Impl>(Impl{std::move(compiled)}));
}

std::vector<ErrorDetail> Schema::validate(const Value& value, std::size_t limit) const {
  return validate_document(impl_->schema, value, limit);
}

Schema::Schema(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
Schema::Schema(Schema&&) noexcept = default;
Schema& Schema::operator=(Schema&&) noexcept = default;
Schema::~Schema() = default;

}  // namespace tidegate::document
