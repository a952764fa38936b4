// What draft 04 says a schema is, as a schema of draft 04.
#include "document/schema_node.h"

namespace tidegate::document {

const Value& draft04_metaschema() {
  static const Value kMetaschema = [] {
    auto parsed = parse_json(R"json({
      "id": "http://json-schema.org/draft-04/schema#",
      "definitions": {
        "self": {"$ref": "#"},
        "count": {"type": "integer", "minimum": 0},
        "schemas": {"type": "array", "minItems": 1, "items": {"$ref": "#"}},
        "schemaMap": {"type": "object", "additionalProperties": {"$ref": "#"}},
        "strings": {"type": "array", "minItems": 1, "uniqueItems": true,
                    "items": {"type": "string"}},
        "positiveInteger": {"type": "integer", "minimum": 0},
        "simpleType": {
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
        "maxLength": {"$ref": "#/definitions/count"},
        "minLength": {"$ref": "#/definitions/count"},
        "pattern": {"type": "string"},
        "additionalItems": {"anyOf": [{"type": "boolean"}, {"$ref": "#"}]},
        "items": {"anyOf": [{"$ref": "#"}, {"$ref": "#/definitions/schemas"}]},
        "maxItems": {"$ref": "#/definitions/count"},
        "minItems": {"$ref": "#/definitions/count"},
        "uniqueItems": {"type": "boolean"},
        "maxProperties": {"$ref": "#/definitions/count"},
        "minProperties": {"$ref": "#/definitions/count"},
        "required": {"$ref": "#/definitions/strings"},
        "additionalProperties": {"anyOf": [{"type": "boolean"}, {"$ref": "#"}]},
        "definitions": {"$ref": "#/definitions/schemaMap"},
        "properties": {"$ref": "#/definitions/schemaMap"},
        "patternProperties": {"$ref": "#/definitions/schemaMap"},
        "dependencies": {
          "type": "object",
          "additionalProperties": {"anyOf": [{"$ref": "#"}, {"$ref": "#/definitions/strings"}]}
        },
        "enum": {"type": "array", "minItems": 1, "uniqueItems": true},
        "type": {
          "anyOf": [
            {"$ref": "#/definitions/simpleType"},
            {"type": "array", "minItems": 1, "uniqueItems": true,
             "items": {"$ref": "#/definitions/simpleType"}}
          ]
        },
        "allOf": {"$ref": "#/definitions/schemas"},
        "anyOf": {"$ref": "#/definitions/schemas"},
        "oneOf": {"$ref": "#/definitions/schemas"},
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
