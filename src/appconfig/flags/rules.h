// Rules: the language in which a feature flag's variants say for whom they are meant. A rule is an
// Ion s-expression, such as (and (ends_with $email "@example.com") (split pct::10 by::$id)). It is
// parsed and type-checked once and evaluated for each request against a context of texts.
//
// Bounds: 16384 characters, 32 levels, 1000 nodes; patterns are RE2's and run in linear time.
// A Rule is immutable and shared between threads; evaluating allocates little and never fails.
// Errors: invalid_argument with the place and the reason, for people.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tidegate::appconfig::flags {

// What is known of whom a flag is evaluated for. Values arrive as texts, whatever they mean.
using Context = std::map<std::string, std::string, std::less<>>;

inline constexpr std::size_t kMaxRuleLength = 16'384;  // characters
inline constexpr int kMaxRuleDepth = 32;
inline constexpr std::size_t kMaxRuleNodes = 1'000;

enum class Op : std::uint8_t {
  eq,
  ne,
  gt,
  gte,
  lt,
  lte,
  both,  // "and"
  any,   // "or"
  negate,
  exists,
  begins_with,
  ends_with,
  contains,
  in,
  matches,
  split,
};

enum class NodeKind : std::uint8_t { text, number, timestamp, boolean, list, variable, call };

struct Pattern;  // a compiled pattern of `matches`

// One node of the checked tree. The operands of a call stand in the order of its form; those of
// the forms with names (exists key, matches in pattern, split pct by [seed]) in that order.
struct Node {
  NodeKind kind = NodeKind::boolean;
  Op op = Op::eq;          // of a call
  std::string text;        // of a text, number or timestamp (as written), the name of a variable
  bool yes = false;        // of a boolean
  std::int64_t at_ms = 0;  // of a timestamp
  std::uint32_t hundredths = 0;  // of split: its share of 10000
  std::vector<Node> children;
  std::shared_ptr<const Pattern> pattern;  // of matches
};

class Rule {
 public:
  static Result<Rule> parse(std::string_view text);
  // True if the rule holds. `salt` takes the place of the seed in a split that has none.
  bool holds(const Context& context, std::string_view salt) const;
  // The rule in its plain form; parsing it gives the same rule.
  std::string print() const;
  // The same as Ion text, whose symbols and timestamps are narrower.
  std::string ion() const;
  const Node& root() const { return root_; }
  // Instructions of its patterns: what its memory and the time to parse it grow with.
  std::size_t cost() const { return cost_; }

 private:
  Rule(Node root, std::size_t cost) : root_(std::move(root)), cost_(cost) {}
  Node root_;
  std::size_t cost_;
};

// The share that a value is in, in hundredths of a percent: [0, 10000). Published in
// docs/guide/flags.md, so it never changes.
std::uint32_t bucket(std::string_view seed_or_salt, std::string_view value);

// For the parts of rules.
std::string_view name_of(Op op);
std::string print(const Node& node, bool ion = false);
bool evaluate(const Node& call, const Context& context, std::string_view salt);
Result<std::shared_ptr<const Pattern>> compile_pattern(const std::string& text);
bool found_in(const Pattern& pattern, std::string_view text);
std::size_t cost_of(const Pattern& pattern);
// W3C's profile of ISO 8601, from a year to a fraction of a second; a date is its midnight, UTC.
bool read_timestamp(std::string_view text, std::int64_t& at_ms);

}  // namespace tidegate::appconfig::flags
