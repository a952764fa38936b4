// JSON Schema, draft 04: a compiled schema that judges documents. Compile once, then validate from
// any thread. Patterns run on RE2 (linear time); one that RE2 cannot express is refused when the
// schema is compiled. References lead to "#…", to the schema's own ids, to draft 04's metaschema
// and to the documents that the caller hands over; nothing is ever fetched.
//
// An integer is written without fraction and exponent (1.0 is a number only); numbers are compared
// exactly, in decimal. `$schema` is absent or draft 04.
//
//   TRY(auto schema, Schema::compile(text));
//   for (const ErrorDetail& violation : schema.validate(value)) …
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "document/value.h"

namespace tidegate::document {

// Schemas by absolute URI, without fragment.
using SchemaDocuments = std::map<std::string, Value, std::less<>>;

class Schema {
 public:
  // Fault::invalid_argument with the place in the schema ("#/properties/a/pattern") and the reason.
  static Result<Schema> compile(std::string_view json_text);
  static Result<Schema> compile(const Value& schema, const SchemaDocuments& documents = {});

  // All violations in document order, at most `limit`; empty means valid. Details carry
  // constraint = keyword, location = JSON pointer into the document ("#/a/0"), reason for people,
  // type = its JSON type, value = its text (cut to 256 bytes). The work is bounded: a document that
  // takes more than a million steps gets the violation "limit" at "#".
  std::vector<ErrorDetail> validate(const Value&, std::size_t limit = 100) const;

  Schema(Schema&&) noexcept;
  Schema& operator=(Schema&&) noexcept;
  ~Schema();

 private:
  struct Impl;
  explicit Schema(std::shared_ptr<const Impl>);
  std::shared_ptr<const Impl> impl_;
};

}  // namespace tidegate::document
