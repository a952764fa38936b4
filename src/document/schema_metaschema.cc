// What each draft says a schema is, as a schema of that draft.
#include <fmt/format.h>

#include "document/schema_node.h"

namespace tidegate::document {

namespace {

constexpr std::string_view kDraft04 = R"json({
      "id": "http://json-schema.org/draft-04/schema#",
      "definitions": {
        "positiveInteger": {"type": "integer", "minimum": 0},
        "schemaArray": {"type": "array", "minItems": 1, "items": {"$ref": "#"}},
        "schemaMap": {"type": "object", "additionalProperties": {"$ref": "#"}},
        "stringArray": {"type": "array", "minItems": 1, "uniqueItems": true,
                    "items": {"type": "string"}},
        "simpleTypes": {
          "enum": ["array", "boolean", "integer", "null", "number", "object", "string"]
        }
      },
      "type": "object",
      "properties": {
        "id": {"type": "string"},
        "$schema": {"type": "string"},
        "title": {"type": "string"},
        "description": {"type": "string"},
        "default": {},
        "format": {"type": "string"},
        "multipleOf": {"type": "number", "minimum": 0, "exclusiveMinimum": true},
        "maximum": {"type": "number"},
        "exclusiveMaximum": {"type": "boolean"},
        "minimum": {"type": "number"},
        "exclusiveMinimum": {"type": "boolean"},
        "maxLength": {"$ref": "#/definitions/positiveInteger"},
        "minLength": {"$ref": "#/definitions/positiveInteger"},
        "pattern": {"type": "string"},
        "additionalItems": {"anyOf": [{"type": "boolean"}, {"$ref": "#"}]},
        "items": {"anyOf": [{"$ref": "#"}, {"$ref": "#/definitions/schemaArray"}]},
        "maxItems": {"$ref": "#/definitions/positiveInteger"},
        "minItems": {"$ref": "#/definitions/positiveInteger"},
        "uniqueItems": {"type": "boolean"},
        "maxProperties": {"$ref": "#/definitions/positiveInteger"},
        "minProperties": {"$ref": "#/definitions/positiveInteger"},
        "required": {"$ref": "#/definitions/stringArray"},
        "additionalProperties": {"anyOf": [{"type": "boolean"}, {"$ref": "#"}]},
        "definitions": {"$ref": "#/definitions/schemaMap"},
        "properties": {"$ref": "#/definitions/schemaMap"},
        "patternProperties": {"$ref": "#/definitions/schemaMap"},
        "dependencies": {
          "type": "object",
          "additionalProperties": {"anyOf": [{"$ref": "#"}, {"$ref": "#/definitions/stringArray"}]}
        },
        "enum": {"type": "array", "minItems": 1, "uniqueItems": true},
        "type": {
          "anyOf": [
            {"$ref": "#/definitions/simpleTypes"},
            {"type": "array", "minItems": 1, "uniqueItems": true,
             "items": {"$ref": "#/definitions/simpleTypes"}}
          ]
        },
        "allOf": {"$ref": "#/definitions/schemaArray"},
        "anyOf": {"$ref": "#/definitions/schemaArray"},
        "oneOf": {"$ref": "#/definitions/schemaArray"},
        "not": {"$ref": "#"}
      },
      "dependencies": {"exclusiveMaximum": ["maximum"], "exclusiveMinimum": ["minimum"]}
    })json";

// Draft 06, to which draft 07 adds what MORE stands for.
constexpr std::string_view kDraft06 = R"json({
      "$schema": "http://json-schema.org/draft-0N/schema#",
      "$id": "http://json-schema.org/draft-0N/schema#",
      "definitions": {
        "schemaArray": {"type": "array", "minItems": 1, "items": {"$ref": "#"}},
        "nonNegativeInteger": {"type": "integer", "minimum": 0},
        "nonNegativeIntegerDefault0": {"$ref": "#/definitions/nonNegativeInteger"},
        "simpleTypes": {
          "enum": ["array", "boolean", "integer", "null", "number", "object", "string"]
        },
        "stringArray": {"type": "array", "uniqueItems": true, "items": {"type": "string"}},
        "schemaMap": {"type": "object", "additionalProperties": {"$ref": "#"}}
      },
      "type": ["object", "boolean"],
      "properties": {
        "$id": {"type": "string"}, "$schema": {"type": "string"}, "$ref": {"type": "string"},
        "title": {"type": "string"}, "description": {"type": "string"}, "default": true,
        "examples": {"type": "array", "items": true},
        "multipleOf": {"type": "number", "exclusiveMinimum": 0},
        "maximum": {"type": "number"}, "exclusiveMaximum": {"type": "number"},
        "minimum": {"type": "number"}, "exclusiveMinimum": {"type": "number"},
        "maxLength": {"$ref": "#/definitions/nonNegativeInteger"},
        "minLength": {"$ref": "#/definitions/nonNegativeInteger"},
        "pattern": {"type": "string"},
        "additionalItems": {"$ref": "#"},
        "items": {"anyOf": [{"$ref": "#"}, {"$ref": "#/definitions/schemaArray"}]},
        "maxItems": {"$ref": "#/definitions/nonNegativeInteger"},
        "minItems": {"$ref": "#/definitions/nonNegativeInteger"},
        "uniqueItems": {"type": "boolean"},
        "contains": {"$ref": "#"},
        "maxProperties": {"$ref": "#/definitions/nonNegativeInteger"},
        "minProperties": {"$ref": "#/definitions/nonNegativeInteger"},
        "required": {"$ref": "#/definitions/stringArray"},
        "additionalProperties": {"$ref": "#"},
        "definitions": {"$ref": "#/definitions/schemaMap"},
        "properties": {"$ref": "#/definitions/schemaMap"},
        "patternProperties": {"$ref": "#/definitions/schemaMap"},
        "dependencies": {
          "type": "object",
          "additionalProperties": {"anyOf": [{"$ref": "#"}, {"$ref": "#/definitions/stringArray"}]}
        },
        "propertyNames": {"$ref": "#"},
        "const": true,
        "enum": {"type": "array", "items": true},
        "type": {
          "anyOf": [
            {"$ref": "#/definitions/simpleTypes"},
            {"type": "array", "minItems": 1, "uniqueItems": true,
             "items": {"$ref": "#/definitions/simpleTypes"}}
          ]
        },
        "format": {"type": "string"},MORE
        "allOf": {"$ref": "#/definitions/schemaArray"},
        "anyOf": {"$ref": "#/definitions/schemaArray"},
        "oneOf": {"$ref": "#/definitions/schemaArray"},
        "not": {"$ref": "#"}
      }
    })json";
constexpr std::string_view kMoreIn07 = R"json(
        "$comment": {"type": "string"}, "readOnly": {"type": "boolean"},
        "writeOnly": {"type": "boolean"}, "contentMediaType": {"type": "string"},
        "contentEncoding": {"type": "string"},
        "if": {"$ref": "#"}, "then": {"$ref": "#"}, "else": {"$ref": "#"},)json";

Value read(std::string text) {
  auto parsed = parse_json(text);
  CHECK(parsed.ok());
  return std::move(*parsed);
}

Value newer(std::string_view number, std::string_view more) {
  std::string text(kDraft06);
  for (auto [what, by] :
       {std::pair(std::string_view("0N"), number), {"0N", number}, {"MORE", more}})
    text.replace(text.find(what), what.size(), by);
  return read(std::move(text));
}

}  // namespace

int draft_of(std::string_view uri) {
  for (std::string_view scheme : {"http://", "https://"})
    if (uri.starts_with(scheme)) uri.remove_prefix(scheme.size());
  for (int draft : {4, 6, 7})
    if (uri == fmt::format("json-schema.org/draft-0{}/schema", draft)) return draft;
  return 0;
}

const Value& metaschema(int draft) {
  static const Value k04 = read(std::string(kDraft04)), k06 = newer("06", ""),
                     k07 = newer("07", kMoreIn07);
  return draft == 4 ? k04 : draft == 6 ? k06 : k07;
}

}  // namespace tidegate::document
