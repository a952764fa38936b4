#include <fmt/format.h>

#include "base/bytes.h"
#include "wire/codec.h"
#include "wire/constraints.h"

namespace tidegate::wire {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Result<Pairs> parse_form(std::string_view text) {
  constexpr std::size_t kMaxPairs = 2048;
  Pairs pairs;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    std::string member(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (member.empty()) continue;
    if (pairs.size() == kMaxPairs) return Error{Fault::malformed_body, "too many parameters"};
    for (char& c : member)
      if (c == '+') c = ' ';
    const std::size_t equals = std::min(member.find('='), member.size());
    auto name = percent_decode(std::string_view(member).substr(0, equals));
    auto value =
        percent_decode(std::string_view(member).substr(std::min(equals + 1, member.size())));
    if (!name || !value)
      return Error{Fault::malformed_body, "the form holds a broken percent escape"};
    pairs.emplace_back(std::move(*name), std::move(*value));
  }
  return pairs;
}

const std::string* find(const Pairs& pairs, std::string_view name) {
  for (const auto& [known, value] : pairs)
    if (known == name) return &value;
  return nullptr;
}

bool any_under(const Pairs& pairs, std::string_view prefix) {
  for (const auto& [known, value] : pairs)
    if (std::string_view(known).substr(0, prefix.size()) == prefix) return true;
  return false;
}

class Reader {
 public:
  explicit Reader(const Pairs& pairs) : pairs_(pairs) {}
  Decoding decoding;

  // `path`: how refusals name what stands under `prefix`, "tags.1.member" of "Tags.member.1.".
  Status structure(const Shape& shape, const std::string& prefix, const std::string& path,
                   void* out) {
    for (const Member& m : shape.members) {
      if (m.in != In::body) continue;
      const std::string name = prefix + std::string(m.wire_name), at = member_path(path, m.name);
      const bool present = m.type->kind == Kind::structure || m.type->kind == Kind::list
                               ? any_under(pairs_, name + ".")
                               : find(pairs_, name) != nullptr;
      if (!present) {
        if (m.required) decoding.missing(at, m);
        continue;
      }
      void* place = m.make(out);
      TRY(Unit ok, value(m, name, at, place));
      (void)ok;
      decoding.check(at, m, place);
    }
    return done;
  }

 private:
  Status value(const Member& m, const std::string& name, const std::string& path, void* out) {
    if (m.type->kind == Kind::structure) return structure(*m.type->shape(), name + ".", path, out);
    if (m.type->kind == Kind::list) {
      for (std::size_t i = 1;; ++i) {
        const std::string item = fmt::format("{}.member.{}", name, i);
        if (m.type->element->kind == Kind::structure) {
          if (!any_under(pairs_, item + ".")) return done;
          TRY(Unit ok, structure(*m.type->element->shape(), item + ".",
                                 fmt::format("{}.{}.member", path, i), m.type->append(out)));
          (void)ok;
          continue;
        }
        const std::string* text = find(pairs_, item);
        if (!text) return done;
        if (!parse_scalar(*text, *m.type->element, m.time, m.type->append(out)))
          return not_a_value(item);
      }
    }
    if (!parse_scalar(*find(pairs_, name), *m.type, m.time, out)) return not_a_value(name);
    return done;
  }
  static Error not_a_value(const std::string& name) {
    return Error(Fault::malformed_body, fmt::format("the value of {} cannot be read", name))
        .with("Member", name);
  }

  const Pairs& pairs_;
};

}  // namespace

Status decode_form(std::string_view text, const Shape& shape, void* object) {
  TRY(Pairs pairs, parse_form(text));
  Reader reader(pairs);
  TRY(Unit ok, reader.structure(shape, "", "", object));
  (void)ok;
  return reader.decoding.verdict();
}

}  // namespace tidegate::wire
