// The compiled form of a schema, shared by the compiler (schema_compile.cc) and the validator
// (schema_validate.cc) and nobody else: a graph of nodes that refer to each other by pointer.
// Immutable once compiled, so any thread may read it.
#pragma once

#include <re2/re2.h>

#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "document/decimal.h"
#include "document/schema.h"
#include "document/schema_formats.h"

namespace tidegate::document {

// JSON Schema's primitive types as bits; a number that is an integer has both bits.
enum TypeBit : unsigned {
  kTypeNull = 1,
  kTypeBoolean = 2,
  kTypeInteger = 4,
  kTypeNumber = 8,
  kTypeString = 16,
  kTypeArray = 32,
  kTypeObject = 64,
};
// The bits of a value. By draft 04 an integer is written without fraction and exponent: 1.0 is a
// number only.
unsigned type_bits(const Value&);
// "integer", "string", …: the narrowest name.
const char* type_name(const Value&);

// One text for all values that are equal in JSON Schema's sense, and for no other.
std::string canonical_text(const Value&);

struct SchemaNode;

// What additionalProperties and additionalItems say: anything, nothing, or what `node` says.
struct Additional {
  bool allowed = true;
  const SchemaNode* node = nullptr;
};

struct Limit {
  std::string text;  // as written
  Decimal number;
  bool exclusive = false;
};

struct Pattern {
  std::string text;  // as written
  std::unique_ptr<RE2> regex;
  std::size_t cost = 1;  // the size of its program
};

struct PatternProperty {
  Pattern pattern;
  const SchemaNode* node = nullptr;
};

struct Dependency {
  std::string property;
  std::vector<std::string> required;  // the other properties it needs, or …
  const SchemaNode* node = nullptr;   // … what the whole object has to satisfy then
};

struct SchemaNode {
  static constexpr std::size_t kUnlimited = std::numeric_limits<std::size_t>::max();

  std::string location;             // in the schema, "#/properties/a"
  const SchemaNode* ref = nullptr;  // if set, it stands for everything else here

  unsigned types = 0;  // 0: any
  std::string types_text;
  std::optional<std::unordered_set<std::string>> enumeration;  // canonical texts
  std::string enumeration_text;

  std::vector<const SchemaNode*> all_of, any_of, one_of;
  const SchemaNode* negated = nullptr;

  std::optional<Limit> minimum, maximum;
  std::optional<Divisor> multiple_of;
  std::string multiple_of_text;

  std::size_t min_length = 0, max_length = kUnlimited;
  std::optional<Pattern> pattern;
  std::optional<std::string> format_name;
  FormatCheck format = nullptr;

  const SchemaNode* items = nullptr;     // for every item, or …
  std::vector<const SchemaNode*> tuple;  // … for the first ones, and additional_items for the rest
  bool has_tuple = false;
  Additional additional_items;
  std::size_t min_items = 0, max_items = kUnlimited;
  bool unique_items = false;

  std::unordered_map<std::string, const SchemaNode*> properties;
  std::vector<PatternProperty> pattern_properties;
  Additional additional_properties;
  std::vector<std::string> required;
  std::vector<Dependency> dependencies;
  std::size_t min_properties = 0, max_properties = kUnlimited;
};

struct CompiledSchema {
  std::deque<SchemaNode> nodes;  // a deque: nodes keep their addresses while it grows
  const SchemaNode* root = nullptr;
};

struct Schema::Impl {
  CompiledSchema schema;
};

Result<CompiledSchema> compile_schema(const Value& root, const SchemaDocuments& documents);

// The schema of draft-04 schemas.
const Value& draft04_metaschema();

}  // namespace tidegate::document
