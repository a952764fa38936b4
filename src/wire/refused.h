// Operations that AWS has and this server has not: routed, so that they are refused by name. What
// AWS does not know either is an unknown action. Constants.
//
//   for (const wire::Row& r : kRefused) table.refuse(r);                  // a REST API's rows
//   wire::refuse_actions<"CreateTrail", "DescribeTrails">(table);         // POST / with an Action
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "wire/table.h"

namespace tidegate::wire {

constexpr Row refused_row(std::string_view name, http::Method method, std::string_view uri) {
  return Row{name, method, uri, 501, nullptr, nullptr, ""};
}

template <std::size_t N>
struct ActionName {
  char text[N];
  consteval ActionName(const char (&name)[N]) { std::copy_n(name, N, text); }  // NOLINT: implicit
  constexpr std::string_view view() const { return {text, N - 1}; }
};

// One action of the query and JSON protocols, with its URI.
template <ActionName kName>
struct RefusedAction {
  static constexpr std::string_view kFront = "/?Action=";
  static constexpr auto kUri = [] {
    std::array<char, kFront.size() + kName.view().size()> uri{};
    std::copy(kFront.begin(), kFront.end(), uri.begin());
    std::copy(kName.view().begin(), kName.view().end(), uri.begin() + kFront.size());
    return uri;
  }();
  static constexpr Row kRow =
      refused_row(kName.view(), http::Method::post, {kUri.data(), kUri.size()});
};

template <ActionName... kNames>
void refuse_actions(Table& table) {
  (table.refuse(RefusedAction<kNames>::kRow), ...);
}

}  // namespace tidegate::wire
