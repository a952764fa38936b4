// JSON Schema: the input is a schema, a newline, and a document; without a newline the schema
// judges itself. Nothing may run long, and a violation must be fit to be shown.
#include "document/schema.h"

using namespace tidegate;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t newline = input.find('\n');
  const std::string_view schema_text = input.substr(0, newline);
  const std::string_view text =
      newline == std::string_view::npos ? schema_text : input.substr(newline + 1);
  const auto value = document::parse_json(text);
  const auto schema = document::Schema::compile(schema_text);
  if (!schema.ok()) {
    CHECK(schema.fault() == Fault::invalid_argument && schema.error().message.front() == '#');
    return 0;
  }
  if (!value.ok()) return 0;
  const auto found = schema->validate(*value, 10);
  CHECK(found.size() <= 10);
  for (const ErrorDetail& detail : found) {
    CHECK(!detail.constraint.empty() && !detail.reason.empty() && !detail.type.empty());
    CHECK(detail.location.front() == '#' && detail.value.size() <= 256);
    // Details go into JSON answers, so they must be whole characters.
    std::string shown;
    document::append_json_string(shown, detail.reason + detail.value);
    CHECK(document::parse_json(shown).ok());
  }
  return 0;
}
