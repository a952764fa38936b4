// What draft 04 says a schema is, as a schema of draft 04.
#include "document/schema_node.h"

namespace tidegate::document {

const Value& draft04_metaschema() {
  static const Value kMetaschema = [] {
    auto parsed = parse_json(R"json({
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
    })json");
    CHECK(parsed.ok());
    return std::move(*parsed);
  }();
  return kMetaschema;
}

}  // namespace tidegate::document
