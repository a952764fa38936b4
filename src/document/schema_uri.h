// References inside a schema: resolving URIs against the scopes that `id` opens, and walking JSON
// pointers. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidegate::document {

struct SplitUri {
  std::string_view resource;  // everything before the fragment
  std::string_view fragment;  // without '#'
};
SplitUri split_fragment(std::string_view uri);

// RFC 3986, 5.2, for references without a fragment. A base without a scheme is allowed: a schema
// without an absolute id has one.
std::string resolve_uri(std::string_view base, std::string_view reference);

// "a%20b" → "a b". Nothing if an escape is broken.
std::optional<std::string> percent_decoded(std::string_view text);

// "/a~1b/0" → {"a/b", "0"}. Nothing if this is no JSON pointer.
std::optional<std::vector<std::string>> split_pointer(std::string_view pointer);
// Appends "/token", escaped.
void append_pointer(std::string& pointer, std::string_view token);

}  // namespace tidegate::document
