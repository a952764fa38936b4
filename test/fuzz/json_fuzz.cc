// JSON: whatever parses must come back the same through its own text, and equal itself.
#include <cmath>

#include "document/decimal.h"
#include "document/value.h"

namespace {

using namespace tidegate;
using namespace tidegate::document;

void check_numbers(const Value& value) {
  if (const Number* number = value.number()) {
    CHECK(is_json_number(number->text));
    CHECK(!std::isnan(number->as_double));
    const Decimal decimal = parse_decimal(number->text);
    CHECK(compare(decimal, decimal) == 0);
  }
  if (const Array* array = value.array())
    for (const Value& item : *array) check_numbers(item);
  if (const Object* object = value.object())
    for (const Member& m : *object) check_numbers(m.second);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto value = parse_json({reinterpret_cast<const char*>(data), size});
  if (!value.ok()) {
    CHECK(value.fault() == Fault::malformed_body && !value.error().message.empty());
    return 0;
  }
  check_numbers(*value);
  const std::string text = to_json(*value);
  const auto again = parse_json(text);
  CHECK(again.ok());
  CHECK(to_json(*again) == text);
  CHECK(equal(*value, *again));
  return 0;
}
