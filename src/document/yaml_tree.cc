#include "document/yaml_tree.h"

#include <fmt/format.h>
#include <libfyaml.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <unordered_map>

namespace tidegate::document {
namespace {

std::string_view text_of(fy_token* token) {
  if (!token) return {};
  std::size_t size = 0;
  const char* text = fy_token_get_text(token, &size);
  return text ? std::string_view(text, size) : std::string_view();
}

YamlPlace place_of(std::string_view text, std::size_t at) {
  YamlPlace place;
  for (std::size_t i = 0; i < at; ++i) {
    if (text[i] == '\n' || (text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n')))
      place = {place.line + 1, 0};
    else if ((text[i] & 0xc0) != 0x80 && text[i] != '\r')
      ++place.column;
  }
  return place;
}

// All line breaks as \n, as YAML reads them anyway: the library has its difficulties with \r. It
// may also look a byte beyond the text, where a string has its zero.
std::string with_plain_breaks(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    out.push_back(text[i] == '\r' ? '\n' : text[i]);
  }
  return out;
}

void append_utf8(std::string& out, std::uint32_t c) {
  if (c < 0x80) {
    out.push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out.push_back(static_cast<char>(0xc0 | (c >> 6)));
    out.push_back(static_cast<char>(0x80 | (c & 0x3f)));
  } else if (c < 0x10000) {
    out.push_back(static_cast<char>(0xe0 | (c >> 12)));
    out.push_back(static_cast<char>(0x80 | ((c >> 6) & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (c & 0x3f)));
  } else {
    out.push_back(static_cast<char>(0xf0 | (c >> 18)));
    out.push_back(static_cast<char>(0x80 | ((c >> 12) & 0x3f)));
    out.push_back(static_cast<char>(0x80 | ((c >> 6) & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (c & 0x3f)));
  }
}

// The text of a plain or quoted scalar from its source, without the quotes: escapes are undone and
// lines folded. The library would do it too, but it leaks memory on single-quoted scalars with many
// doubled quotes and loses blanks in double-quoted ones.
class FlowScalar {
 public:
  FlowScalar(std::string_view raw, fy_scalar_style style) : raw_(raw), style_(style) {}

  Result<std::string> text() {
    while (at_ < raw_.size()) {
      const char c = raw_[at_];
      if (c == '\n') {
        while (out_.size() > kept_ && is_blank(out_.back())) out_.pop_back();
        const std::size_t breaks = take_breaks();
        out_ += breaks == 1 ? std::string(" ") : std::string(breaks - 1, '\n');
      } else if (c == '\'' && style_ == FYSS_SINGLE_QUOTED) {
        out_.push_back(c);
        at_ += 2;
      } else if (c == '\\' && style_ == FYSS_DOUBLE_QUOTED) {
        ++at_;
        if (!escape()) return Error{Fault::malformed_body, "an illegal escape in a string"};
        kept_ = out_.size();
      } else {
        out_.push_back(c);
        ++at_;
      }
    }
    return std::move(out_);
  }

 private:
  static bool is_blank(char c) { return c == ' ' || c == '\t'; }

  std::size_t take_breaks() {
    std::size_t breaks = 0;
    for (; at_ < raw_.size() && (raw_[at_] == '\n' || is_blank(raw_[at_])); ++at_)
      if (raw_[at_] == '\n') ++breaks;
    return breaks;
  }

  bool escape() {
    if (at_ == raw_.size()) return false;
    if (raw_[at_] == '\n') {
      out_.append(take_breaks() - 1, '\n');
      return true;
    }
    const char c = raw_[at_++];
    if (c == 'x' || c == 'u' || c == 'U') return numbered_escape(c == 'x' ? 2 : c == 'u' ? 4 : 8);
    constexpr std::string_view kLetters = "0abt\tnvfre \"/\\";
    constexpr std::string_view kMeanings("\0\a\b\t\t\n\v\f\r\x1b \"/\\", 14);
    const std::size_t place = kLetters.find(c);
    if (place != std::string_view::npos)
      out_.push_back(kMeanings[place]);
    else if (c == 'N' || c == '_')
      append_utf8(out_, c == 'N' ? 0x85 : 0xa0);
    else if (c == 'L' || c == 'P')
      append_utf8(out_, c == 'L' ? 0x2028 : 0x2029);
    else
      return false;
    return true;
  }

  std::optional<std::uint32_t> take_hex(std::size_t digits) {
    std::uint32_t value = 0;
    const std::string_view text = raw_.substr(at_, digits);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (text.size() < digits || error != std::errc() || end != text.data() + digits)
      return std::nullopt;
    at_ += digits;
    return value;
  }

  // JSON writes characters beyond the first plane as pairs of surrogates, and JSON is YAML.
  bool numbered_escape(std::size_t digits) {
    auto value = take_hex(digits);
    if (!value || *value > 0x10ffff) return false;
    if (*value >= 0xd800 && *value < 0xdc00 && raw_.substr(at_, 2) == "\\u") {
      at_ += 2;
      const auto low = take_hex(4);
      if (!low || *low < 0xdc00 || *low >= 0xe000) return false;
      value = 0x10000 + ((*value - 0xd800) << 10) + (*low - 0xdc00);
    }
    if (*value >= 0xd800 && *value < 0xe000) return false;
    append_utf8(out_, *value);
    return true;
  }

  std::string_view raw_;
  fy_scalar_style style_;
  std::string out_;
  std::size_t at_ = 0;
  std::size_t kept_ = 0;  // what an escape wrote stays, also at the end of a line
};

// For block scalars, whose length fy_token_get_text gets wrong in rare cases, so that it answers
// with characters nobody wrote. For other scalars it is the iterator that cannot be trusted.
std::string text_by_pieces(fy_token* token) {
  std::unique_ptr<fy_token_iter, decltype(&fy_token_iter_destroy)> pieces(
      fy_token_iter_create(token), &fy_token_iter_destroy);
  std::string out;
  int error = 0;
  const fy_iter_chunk* piece = nullptr;
  while (pieces && (piece = fy_token_iter_chunk_next(pieces.get(), piece, &error)))
    out.append(piece->str, piece->len);
  return out;
}

struct DiagDeleter {
  void operator()(fy_diag* diag) const { fy_diag_destroy(diag); }
};
struct ParserDeleter {
  void operator()(fy_parser* parser) const { fy_parser_destroy(parser); }
};
struct EventDeleter {
  fy_parser* parser;
  void operator()(fy_event* event) const { fy_parser_event_free(parser, event); }
};
using Event = std::unique_ptr<fy_event, EventDeleter>;

// libfyaml reads a whole flow collection ahead (400 bytes for each token) before its first event,
// and takes time with the square of the %TAG directives. Both are counted before it sees the text;
// what stands in quotes counts too, because only a parser could tell.
Status check_appetite(std::string_view text) {
  constexpr std::size_t kMaxTagDirectives = 100;
  std::size_t indicators = 0, directives = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '[' || c == '{' || c == ',') ++indicators;
    if (c == '%' && text.substr(i, 4) == "%TAG") ++directives;
  }
  if (indicators > YamlTree::kMaxNodes)
    return Error{Fault::malformed_body,
                 fmt::format("not acceptable YAML: more than {} of the characters [ {{ and ,",
                             YamlTree::kMaxNodes)};
  if (directives > kMaxTagDirectives)
    return Error{Fault::malformed_body,
                 fmt::format("not acceptable YAML: more than {} %TAG", kMaxTagDirectives)};
  return done;
}

bool is_blank_or_end(std::string_view text, std::size_t at) {
  return at >= text.size() || text[at] == ' ' || text[at] == '\t' || text[at] == '\n' ||
         text[at] == '\r';
}

// Whether `text` at `at` begins with a control character or space of Unicode beyond ASCII.
bool is_wide_space(std::string_view text, std::size_t at) {
  const std::string_view two = text.substr(at, 2), three = text.substr(at, 3);
  if (two >= "\xc2\x80" && two <= "\xc2\xa0") return true;
  for (std::string_view space : {"\xe1\x9a\x80", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaf",
                                 "\xe2\x81\x9f", "\xe3\x80\x80", "\xef\xbb\xbf"})
    if (three == space) return true;
  return three >= "\xe2\x80\x80" && three <= "\xe2\x80\x8a";
}

// A tab between the colon of an explicit key ("? key") and an indicator is illegal, and libfyaml
// 0.7.12 frees memory twice while it says so.
bool has_tab_trap(std::string_view text, std::size_t colon) {
  std::size_t at = colon + 1;
  bool tab = false;
  for (; at < text.size() && (text[at] == ' ' || text[at] == '\t'); ++at) tab |= text[at] == '\t';
  if (!tab || at == text.size()) return false;
  const char c = text[at];
  return c == '?' || c == ':' || c == '|' || c == '>' ||
         (c == '-' && is_blank_or_end(text, at + 1));
}

// An anchor that ends in a wide space is illegal, and libfyaml 0.7.12 reads beyond the input while
// it says so. Answers where the name that begins behind `mark` ends: at such a space or properly.
std::size_t anchor_end(std::string_view text, std::size_t mark) {
  constexpr std::string_view kEnd = " \t\r\n[]{},";
  std::size_t at = mark + 1;
  while (at < text.size() && kEnd.find(text[at]) == std::string_view::npos &&
         !is_wide_space(text, at))
    ++at;
  return at;
}

// The two places in which broken input breaks the library itself.
Status check_traps(std::string_view text) {
  constexpr std::string_view kBeforeAnchor = " \t\r\n[{,:?-";
  bool explicit_key = false;
  std::size_t tab_trap = text.size(), clear = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '?' && is_blank_or_end(text, i + 1)) explicit_key = true;
    if (text[i] == ':' && tab_trap == text.size() && has_tab_trap(text, i)) tab_trap = i;
    const bool begins = i == 0 || kBeforeAnchor.find(text[i - 1]) != std::string_view::npos;
    if ((text[i] == '&' || text[i] == '*') && begins && i >= clear) {
      clear = anchor_end(text, i);
      if (is_wide_space(text, clear))
        return yaml_error(place_of(text, i), "a space or control character in an anchor");
    }
  }
  if (explicit_key && tab_trap < text.size())
    return yaml_error(place_of(text, tab_trap), "a tab between ':' and another indicator");
  return done;
}

// The characters that YAML forbids and libfyaml would take for the end of the input.
Status check_text(std::string_view text) {
  if (text.size() > YamlTree::kMaxInput)
    return Error{Fault::malformed_body,
                 fmt::format("not acceptable YAML: larger than {} bytes", YamlTree::kMaxInput)};
  if (!simdjson::validate_utf8(text.data(), text.size()))
    return Error{Fault::malformed_body, "not valid YAML: the text is not UTF-8"};
  for (std::size_t i = 0; i < text.size(); ++i) {
    const unsigned char c = text[i];
    if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f)
      return yaml_error(place_of(text, i),
                        fmt::format("the control character U+{:04X} is not allowed", c));
  }
  return done;
}

// Turns libfyaml's events into nodes.
class TreeBuilder {
 public:
  explicit TreeBuilder(std::string_view source) : source_(source) {}

  Status take(fy_event* event) {
    switch (event->type) {
      case FYET_DOCUMENT_START:
        if (++documents_ > 1)
          return yaml_error(at(event->document_start.document_start),
                            "only one document is allowed");
        return done;
      case FYET_SCALAR:
        return scalar(event->scalar);
      case FYET_ALIAS:
        return alias(event->alias.anchor);
      case FYET_SEQUENCE_START:
        return open(YamlNode::Kind::sequence, event->sequence_start.sequence_start,
                    event->sequence_start.anchor, event->sequence_start.tag);
      case FYET_MAPPING_START:
        return open(YamlNode::Kind::mapping, event->mapping_start.mapping_start,
                    event->mapping_start.anchor, event->mapping_start.tag);
      case FYET_SEQUENCE_END:
      case FYET_MAPPING_END:
        tree_.nodes[open_.back()].open = false;
        open_.pop_back();
        return done;
      default:
        return done;
    }
  }
  YamlTree finish() { return std::move(tree_); }

 private:
  std::string_view source_of(fy_token* token) const {
    const fy_mark* start = fy_token_start_mark(token);
    const fy_mark* end = fy_token_end_mark(token);
    if (!start || !end || start->input_pos > end->input_pos) return {};
    if (end->input_pos > source_.size()) return {};
    return source_.substr(start->input_pos, end->input_pos - start->input_pos);
  }

  // A last line that ends with the text and not with a line break has none to keep; the library
  // gives it one.
  std::string block_text(fy_token* token) const {
    std::string out = text_by_pieces(token);
    const std::string_view source = source_of(token);
    const bool at_end =
        !source.empty() && source.data() + source.size() == source_.data() + source_.size();
    if (at_end && source.find_last_not_of(" \t\n") + 1 == source.size() && !out.empty() &&
        out.back() == '\n')
      out.pop_back();
    return out;
  }

  // Places of tokens; what has no token of its own stands where the last one stood.
  YamlPlace at(fy_token* token) {
    if (const fy_mark* mark = token ? fy_token_start_mark(token) : nullptr)
      place_ = {mark->line, mark->column};
    return place_;
  }

  Result<std::uint32_t> add(YamlNode node, fy_token* anchor, fy_token* tag) {
    if (tree_.nodes.size() >= YamlTree::kMaxNodes)
      return yaml_error(node.place, fmt::format("more than {} nodes", YamlTree::kMaxNodes));
    node.tag = yaml_tag(text_of(tag));
    if (node.tag == YamlTag::unknown)
      return yaml_error(at(tag), fmt::format("JSON has nothing for the tag {}", text_of(tag)));
    const auto index = static_cast<std::uint32_t>(tree_.nodes.size());
    if (!open_.empty()) {
      YamlNode& parent = tree_.nodes[open_.back()];
      if (parent.first == YamlNode::kNone)
        parent.first = index;
      else
        tree_.nodes[parent.last].next = index;
      parent.last = index;
    }
    if (anchor) anchors_[std::string(text_of(anchor))] = index;
    tree_.nodes.push_back(std::move(node));
    return index;
  }

  Status scalar(const fy_event_scalar_data& data) {
    YamlNode node;
    node.place = at(data.value ? data.value : data.tag ? data.tag : data.anchor);
    const fy_scalar_style style = fy_token_scalar_style(data.value);
    if (style == FYSS_LITERAL || style == FYSS_FOLDED) {
      node.text = block_text(data.value);
    } else {
      auto text = FlowScalar(source_of(data.value), style).text();
      if (!text.ok()) return yaml_error(node.place, text.error().message);
      node.text = std::move(*text);
    }
    node.plain = style == FYSS_PLAIN;
    // libfyaml's mark of these stands behind the quote.
    if (style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED) --node.place.column;
    TRY([[maybe_unused]] auto index, add(std::move(node), data.anchor, data.tag));
    return done;
  }

  Status alias(fy_token* token) {
    YamlNode node;
    node.kind = YamlNode::Kind::alias;
    node.place = at(token);
    --node.place.column;  // libfyaml's mark stands behind the asterisk
    auto known = anchors_.find(std::string(text_of(token)));
    if (known == anchors_.end())
      return yaml_error(node.place, fmt::format("there is no anchor &{}", text_of(token)));
    if (tree_.nodes[known->second].open)
      return yaml_error(node.place, fmt::format("*{} would contain itself", text_of(token)));
    node.first = known->second;
    TRY([[maybe_unused]] auto index, add(std::move(node), nullptr, nullptr));
    return done;
  }

  Status open(YamlNode::Kind kind, fy_token* start, fy_token* anchor, fy_token* tag) {
    YamlNode node;
    node.kind = kind;
    node.open = true;
    node.place = at(start);
    if (open_.size() >= YamlTree::kMaxDepth)
      return yaml_error(node.place,
                        fmt::format("nested deeper than {} levels", YamlTree::kMaxDepth));
    TRY(const std::uint32_t index, add(std::move(node), anchor, tag));
    const YamlTag expected =
        kind == YamlNode::Kind::sequence ? YamlTag::sequence : YamlTag::mapping;
    const YamlTag found = tree_.nodes[index].tag;
    if (found != YamlTag::none && found != YamlTag::string && found != expected)
      return yaml_error(at(tag), "the collection is not what its tag says");
    // "!" alone says: not resolved. For a collection that is what it is anyway.
    if (found == YamlTag::string && text_of(tag) != "!")
      return yaml_error(at(tag), "the collection is not what its tag says");
    open_.push_back(index);
    return done;
  }

  std::string_view source_;
  YamlTree tree_;
  std::vector<std::uint32_t> open_;
  std::unordered_map<std::string, std::uint32_t> anchors_;
  YamlPlace place_;
  int documents_ = 0;
};

Error first_error(fy_diag* diag) {
  void* at = nullptr;
  const fy_diag_error* error = fy_diag_errors_iterate(diag, &at);
  if (error && error->msg) {
    // Some of the library's messages quote a character beyond the end of the text.
    std::string reason = error->msg;
    if (!simdjson::validate_utf8(reason))
      std::replace_if(
          reason.begin(), reason.end(), [](char c) { return (c & 0x80) != 0; }, '?');
    return yaml_error({error->line - 1, error->column - 1}, reason);
  }
  return Error{Fault::malformed_body, "not valid YAML"};
}

}  // namespace

Error yaml_error(YamlPlace place, std::string_view reason) {
  return Error{Fault::malformed_body, fmt::format("not valid YAML: line {}, column {}: {}",
                                                  place.line + 1, place.column + 1, reason)};
}

Result<YamlTree> read_yaml_tree(std::string_view text) {
  if (text.substr(0, 3) == "\xef\xbb\xbf") text.remove_prefix(3);
  TRY([[maybe_unused]] Unit legal, check_text(text));
  TRY([[maybe_unused]] Unit small, check_appetite(text));
  TRY([[maybe_unused]] Unit safe, check_traps(text));
  const std::string owned = with_plain_breaks(text);
  // Errors are collected; the callback is there so that nothing is ever printed.
  fy_diag_cfg diag_config{};
  diag_config.output_fn = [](fy_diag*, void*, const char*, std::size_t) {};
  diag_config.level = FYET_ERROR;
  diag_config.module_mask = ~0u;
  std::unique_ptr<fy_diag, DiagDeleter> diag(fy_diag_create(&diag_config));
  if (!diag) return Error{Fault::internal, "libfyaml gave no diagnostics"};
  fy_diag_set_collect_errors(diag.get(), true);

  fy_parse_cfg config{};
  config.search_path = "";
  config.flags = static_cast<fy_parse_cfg_flags>(FYPCF_QUIET | FYPCF_COLLECT_DIAG |
                                                 FYPCF_DEFAULT_VERSION_1_2 | FYPCF_JSON_NONE);
  config.diag = diag.get();
  std::unique_ptr<fy_parser, ParserDeleter> parser(fy_parser_create(&config));
  if (!parser || fy_parser_set_string(parser.get(), owned.data(), owned.size()) != 0)
    return Error{Fault::internal, "libfyaml gave no parser"};

  TreeBuilder builder(owned);
  while (Event event{fy_parser_parse(parser.get()), EventDeleter{parser.get()}}) {
    TRY([[maybe_unused]] Unit taken, builder.take(event.get()));
  }
  if (fy_parser_get_stream_error(parser.get()) || fy_diag_got_error(diag.get()))
    return first_error(diag.get());
  return builder.finish();
}

}  // namespace tidegate::document
