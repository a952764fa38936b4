#include "store/record.h"

namespace tidegate::store::detail {

void put_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

void put_tag(std::string& out, std::uint32_t number, Wire wire) {
  put_varint(out, (static_cast<std::uint64_t>(number) << 3) | static_cast<std::uint32_t>(wire));
}

void put_bytes(std::string& out, std::uint32_t number, std::string_view bytes) {
  put_tag(out, number, Wire::bytes);
  put_varint(out, bytes.size());
  out.append(bytes);
}

namespace {

bool take_varint(std::string_view& in, std::uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 64 && !in.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(in.front());
    in.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (!(byte & 0x80)) return true;
  }
  return false;
}

}  // namespace

bool next_item(std::string_view& in, Item& item, bool& broken) {
  if (in.empty()) return false;
  broken = true;  // until the item proves whole
  std::uint64_t tag = 0;
  if (!take_varint(in, tag)) return false;
  item.number = static_cast<std::uint32_t>(tag >> 3);
  item.wire = static_cast<Wire>(tag & 7);
  switch (item.wire) {
    case Wire::varint:
      if (!take_varint(in, item.scalar)) return false;
      break;
    case Wire::fixed64:
      if (in.size() < 8) return false;
      item.scalar = 0;
      for (int i = 7; i >= 0; --i)
        item.scalar =
            (item.scalar << 8) | static_cast<unsigned char>(in[static_cast<std::size_t>(i)]);
      in.remove_prefix(8);
      break;
    case Wire::bytes: {
      std::uint64_t size = 0;
      if (!take_varint(in, size) || size > in.size()) return false;
      item.bytes = in.substr(0, size);
      in.remove_prefix(size);
      break;
    }
    default:
      return false;
  }
  broken = false;
  return true;
}

}  // namespace tidegate::store::detail
