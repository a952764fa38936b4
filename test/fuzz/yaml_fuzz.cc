// YAML: whatever parses must be a tree that JSON can carry.
#include "document/yaml.h"

using namespace tidegate;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto value = document::parse_yaml({reinterpret_cast<const char*>(data), size});
  if (!value.ok()) {
    CHECK(value.fault() == Fault::malformed_body && !value.error().message.empty());
    std::string shown;  // it goes into JSON answers
    document::append_json_string(shown, value.error().message);
    CHECK(document::parse_json(shown).ok());
    return 0;
  }
  const std::string text = document::to_json(*value);
  const auto again = document::parse_json(text);
  CHECK(again.ok());
  CHECK(document::equal(*value, *again));
  return 0;
}
