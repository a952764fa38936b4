#include "policy/places.h"

namespace tidegate::policy {
namespace {

// Walks the text of valid JSON and knows how deep it is and where.
class Walker {
 public:
  explicit Walker(std::string_view text) : text_(text) {}

  bool ended() const { return at_ >= text_.size(); }
  char next() const { return text_[at_]; }
  int depth() const { return depth_; }
  Place place() const { return place_; }

  // One character outside of strings, or one string as a whole.
  void step() {
    if (next() == '"') return step_over_string();
    if (next() == '{' || next() == '[') ++depth_;
    if (next() == '}' || next() == ']') --depth_;
    take();
  }
  std::string_view last_string() const { return last_string_; }

 private:
  void take() {
    const bool line_ends = text_[at_] == '\n';
    // Of a character of several bytes the first one counts.
    const bool inside = (static_cast<unsigned char>(text_[at_]) & 0xC0) == 0x80;
    ++at_;
    if (line_ends) {
      ++place_.line;
      place_.column = 1;
    } else if (!inside) {
      ++place_.column;
    }
  }
  void step_over_string() {
    take();
    const std::size_t begin = at_;
    while (!ended() && next() != '"') {
      if (next() == '\\') take();
      if (!ended()) take();
    }
    last_string_ = text_.substr(begin, at_ - begin);
    if (!ended()) take();
  }

  std::string_view text_, last_string_;
  std::size_t at_ = 0;
  int depth_ = 0;
  Place place_;
};

}  // namespace

std::vector<std::pair<Place, Place>> places_of_statements(std::string_view json) {
  std::vector<std::pair<Place, Place>> out;
  Walker walker(json);
  // To the colon behind the document's own "Statement".
  while (!walker.ended() &&
         !(walker.depth() == 1 && walker.next() == ':' && walker.last_string() == "Statement"))
    walker.step();
  while (!walker.ended() && walker.next() != '{' && walker.next() != '[') walker.step();
  if (walker.ended()) return out;
  const int inside = walker.next() == '[' ? 2 : 1;
  walker.step();
  Place begin = walker.place();
  while (!walker.ended() && walker.depth() >= inside) {
    const bool closes = walker.next() == '}' && walker.depth() == inside + 1;
    walker.step();
    if (!closes) continue;
    out.emplace_back(begin, walker.place());
    begin = walker.place();
  }
  return out;
}

}  // namespace tidegate::policy
