// CBOR: whatever is read must come back the same through what is written of it.
#include "base/check.h"
#include "support/small_shapes.h"
#include "wire/rpc.h"

using namespace tidegate;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const wire::Shape& shape = wire::shape_of<small::Everything>::value;
  small::Everything first, second;
  const Status read = wire::decode_cbor({reinterpret_cast<const char*>(data), size}, shape, &first);
  if (!read.ok()) {
    CHECK(!read.error().message.empty());
    return 0;
  }
  const std::string text = wire::encode_cbor(first);
  CHECK(wire::decode_cbor(text, shape, &second).ok());
  CHECK(wire::encode_cbor(second) == text);
  return 0;
}
