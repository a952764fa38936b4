// The constraints of a flag's attributes: reads them from a definition, telling what is wrong with
// it, and holds values to them. Pure; a Constraints refers to the document it was read from.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "document/value.h"

namespace tidegate::appconfig::flags {

// Collects violations; knows how they are shown.
class Findings {
 public:
  explicit Findings(std::size_t most) : most_(most) {}
  void add(std::string constraint, std::string location, std::string reason,
           std::string_view value = {});
  bool full() const { return found_.size() >= most_; }
  std::vector<ErrorDetail> take() { return std::move(found_); }

  // The patterns of a document together: a few bytes of it can ask for much memory and time.
  // False, and a violation, when there is nothing left to spend.
  bool affordable(const std::string& location);
  void spend(std::size_t instructions) { spent_ += instructions; }

  // Shapes that many places share. Each tells whether it held.
  bool object(const document::Value& value, const std::string& location);
  bool boolean(const document::Value& value, const std::string& location);
  // A string of `least` to `most` characters.
  bool text(const document::Value& value, const std::string& location, std::size_t least,
            std::size_t most);
  bool one_line(const document::Value& value, const std::string& location, std::size_t least,
                std::size_t most);
  void unknown_member(const std::string& location, std::string_view name);
  void missing(const std::string& location, std::string_view name);

 private:
  static constexpr std::size_t kMaxProgram = 1'000'000;
  std::size_t most_, spent_ = 0;
  std::vector<ErrorDetail> found_;
};

// A location one member or index further down, escaped as in JSON pointers.
std::string below(const std::string& location, std::string_view member);

struct Limits;

class Constraints {
 public:
  // Reads `value`; what is wrong goes to `findings` and constrains nothing.
  static Constraints read(const document::Value& value, const std::string& location,
                          Findings& findings);
  bool required() const { return required_; }
  void check(const document::Value& value, const std::string& location, Findings& findings) const;

 private:
  bool required_ = false;
  std::shared_ptr<const Limits> limits_;  // null: none could be read
};

// What an attribute may be at all: a string, number, boolean, or an array of one of the first two.
void check_attribute(const document::Value& value, const std::string& location, Findings& findings);

}  // namespace tidegate::appconfig::flags
