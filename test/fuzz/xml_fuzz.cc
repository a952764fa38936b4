// XML documents and forms of requests, through a shape of every kind: errors, never a crash; what
// is decoded and written again decodes to the same.
#include "wire/codec.h"
#include "wire/xml_tree.h"

namespace tidegate::wire {

struct FuzzRule {
  std::optional<std::string> name, value;
};
struct FuzzEntry {
  std::optional<std::string> id;
  std::vector<std::string> events;
  std::vector<FuzzRule> rules;
  std::optional<std::int32_t> number;
  std::optional<bool> on;
  std::optional<Instant> when;
};
template <>
struct shape_of<FuzzRule> {
  using S = FuzzRule;
  static constexpr Member members[] = {field<&S::name>("Name").length(0, 64),
                                       field<&S::value>("Value")};
  static constexpr Shape value{"Rule", members};
};
template <>
struct shape_of<FuzzEntry> {
  using S = FuzzEntry;
  static constexpr Member members[] = {field<&S::id>("Id"),
                                       field<&S::events>("Event").with(kFlattened),
                                       field<&S::rules>("Rules").items("Rule"),
                                       field<&S::number>("Number").range(0, 100),
                                       field<&S::on>("On"),
                                       field<&S::when>("When")};
  static constexpr Shape value{"Entry", members};
};

}  // namespace tidegate::wire

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tidegate::wire;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Shape& shape = shape_of<FuzzEntry>::value;
  FuzzEntry form;
  (void)decode_form(text, shape, &form);
  FuzzEntry entry;
  if (!decode_xml(text, shape, &entry, true).ok()) return 0;
  const std::string written = encode_xml(shape, &entry, "Entry");
  FuzzEntry again;
  const auto read_back = decode_xml(written, shape, &again, true);
  // Characters that XML cannot carry are shown by number, which no parser takes back.
  if (!read_back.ok()) return 0;
  CHECK(again.events == entry.events && again.number == entry.number && again.on == entry.on);
  return 0;
}
