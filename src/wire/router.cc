#include "wire/router.h"

#include <algorithm>
#include <array>
#include <boost/container/small_vector.hpp>

#include "base/bytes.h"

namespace tidegate::wire {
namespace {

// What S3 knows as parts of a bucket or an object. A request that names one of these and meets no
// row that claims it must never fall through to the plain operation: "DELETE /b?website" is not
// DeleteBucket.
constexpr std::string_view kSubResources[] = {"abac",
                                              "accelerate",
                                              "acl",
                                              "analytics",
                                              "annotation",
                                              "annotations",
                                              "append",
                                              "attributes",
                                              "cors",
                                              "delete",
                                              "encryption",
                                              "intelligent-tiering",
                                              "inventory",
                                              "legal-hold",
                                              "lifecycle",
                                              "location",
                                              "logging",
                                              "metadataConfiguration",
                                              "metadataInventoryTable",
                                              "metadataJournalTable",
                                              "metadataTable",
                                              "metrics",
                                              "notification",
                                              "object-lock",
                                              "ownershipControls",
                                              "partNumber",
                                              "policy",
                                              "policyStatus",
                                              "publicAccessBlock",
                                              "renameObject",
                                              "replication",
                                              "requestPayment",
                                              "restore",
                                              "retention",
                                              "select",
                                              "session",
                                              "tagging",
                                              "torrent",
                                              "uploadId",
                                              "uploads",
                                              "versioning",
                                              "versions",
                                              "website"};

// partNumber alone reads a part of an object, and needs no row of its own. A bare name on a write
// may be a part of S3 that is younger than this server.
bool is_sub_resource(http::Method method, std::string_view name, std::string_view value) {
  const bool reads = method == http::Method::get || method == http::Method::head;
  if (name == "partNumber" && reads) return false;
  const std::string lower = lower_ascii(name);
  const bool extra = lower.starts_with("x-") || lower == "versionid";
  if (!reads && value.empty() && !name.empty() && !extra) return true;
  return std::binary_search(std::begin(kSubResources), std::end(kSubResources), name,
                            [](auto a, auto b) {
                              return std::lexicographical_compare(
                                  a.begin(), a.end(), b.begin(), b.end(),
                                  [](char x, char y) { return std::tolower(x) < std::tolower(y); });
                            });
}

struct Segment {
  enum class Kind { literal, label, greedy } kind;
  std::string_view text;  // literal text or label name
};

struct Route {
  const Row* row = nullptr;
  const Entry* entry = nullptr;
  std::vector<Segment> segments;
  std::vector<std::pair<std::string_view, std::optional<std::string_view>>> query;  // demanded
  std::vector<std::string_view> query_members;  // required members bound to the query
  std::vector<std::string> headers;             // required ones, names in lower case
  std::size_t demands() const {
    return query.size() * 2 + query_members.size() * 2 + headers.size();
  }
  std::size_t literals() const {
    return static_cast<std::size_t>(
        std::count_if(segments.begin(), segments.end(),
                      [](const Segment& s) { return s.kind == Segment::Kind::literal; }));
  }
};

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> parts;
  if (!path.empty() && path.front() == '/') path.remove_prefix(1);
  std::size_t start = 0;
  while (start <= path.size()) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    parts.push_back(path.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

void parse_uri(std::string_view uri, Route& route) {
  const std::size_t question = uri.find('?');
  for (std::string_view part : split(uri.substr(0, question))) {
    if (part.size() > 2 && part.front() == '{' && part.back() == '}') {
      part = part.substr(1, part.size() - 2);
      const bool greedy = part.back() == '+';
      route.segments.push_back({greedy ? Segment::Kind::greedy : Segment::Kind::label,
                                greedy ? part.substr(0, part.size() - 1) : part});
    } else {
      route.segments.push_back({Segment::Kind::literal, part});
    }
  }
  if (question == std::string_view::npos) return;
  std::string_view rest = uri.substr(question + 1);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view member = rest.substr(0, end);
    const std::size_t equals = member.find('=');
    if (equals == std::string_view::npos)
      route.query.emplace_back(member, std::nullopt);
    else
      route.query.emplace_back(member.substr(0, equals), member.substr(equals + 1));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

Route make_route(const Row& row, const Entry* entry, std::string_view uri) {
  Route route;
  route.row = &row;
  route.entry = entry;
  parse_uri(uri, route);
  if (row.input) {
    for (const Member& m : row.input->members) {
      if (!m.required) continue;
      if (m.in == In::query) route.query_members.push_back(m.wire_name);
      if (m.in == In::header && m.wire_name != "Content-Type")
        route.headers.push_back(lower_ascii(m.wire_name));
    }
  }
  return route;
}

}  // namespace

std::span<const std::string_view> s3_sub_resources() {
  return kSubResources;
}

struct Router::Impl {
  bool s3 = false;
  std::vector<Route> routes;  // most demanding first

  std::optional<Labels> match_path(const Route&, std::string_view raw_path) const;
  bool meets(const Route&, http::Method, const http::Query&, const HeaderList*) const;
};

Router::Router(const Table& table) : impl_(std::make_unique<Impl>()) {
  impl_->s3 = table.service() == Service::s3;
  auto add = [&](const Row& row, const Entry* entry) {
    impl_->routes.push_back(make_route(row, entry, row.uri));
    if (!row.alias_uri.empty()) impl_->routes.push_back(make_route(row, entry, row.alias_uri));
  };
  for (const Entry& e : table.entries()) add(*e.row, &e);
  for (const Row* row : table.refused()) add(*row, nullptr);
  std::stable_sort(impl_->routes.begin(), impl_->routes.end(), [](const Route& a, const Route& b) {
    if (a.literals() != b.literals()) return a.literals() > b.literals();
    return a.demands() > b.demands();
  });
}

Router::~Router() = default;

// Nothing is decoded before all of the path fits: most routes do not.
std::optional<Labels> Router::Impl::match_path(const Route& route, std::string_view raw) const {
  boost::container::small_vector<std::pair<std::string_view, std::string_view>, 8> found;
  auto decoded = [&found]() -> std::optional<Labels> {
    Labels labels;
    for (const auto& [name, part] : found) {
      auto text = percent_decode(part);
      if (!text || text->empty()) return std::nullopt;
      labels.values.emplace_back(name, std::move(*text));
    }
    return labels;
  };
  if (!raw.empty() && raw.front() == '/') raw.remove_prefix(1);
  for (std::size_t i = 0; i < route.segments.size(); ++i) {
    const Segment& segment = route.segments[i];
    const bool last = i + 1 == route.segments.size();
    if (segment.kind == Segment::Kind::greedy) {
      // Everything that is left, slashes and dots as they are.
      found.emplace_back(segment.text, raw);
      return decoded();
    }
    const std::size_t end = std::min(raw.find('/'), raw.size());
    const std::string_view part = raw.substr(0, end);
    if (segment.kind == Segment::Kind::literal) {
      if (part != segment.text) return std::nullopt;
    } else {
      found.emplace_back(segment.text, part);
    }
    if (last) {
      // "/bucket/" is the bucket; "/2015-03-31/functions/" is "/2015-03-31/functions".
      const bool whole = end == raw.size() || (end + 1 == raw.size() && end > 0);
      return whole ? decoded() : std::nullopt;
    }
    if (end == raw.size()) {
      // A row may itself end in a slash: its last, empty literal is then optional.
      const bool empty_tail = i + 2 == route.segments.size() &&
                              route.segments[i + 1].kind == Segment::Kind::literal &&
                              route.segments[i + 1].text.empty();
      return empty_tail ? decoded() : std::nullopt;
    }
    raw.remove_prefix(end + 1);
  }
  return std::nullopt;
}

bool Router::Impl::meets(const Route& route, http::Method method, const http::Query& query,
                         const HeaderList* headers) const {
  for (const auto& [name, value] : route.query) {
    const std::string* sent = http::find(query, name);
    if (!sent || (value && *sent != *value)) return false;
  }
  for (std::string_view name : route.query_members)
    if (s3 && !http::find(query, name)) return false;  // elsewhere the codec names what is missing
  for (const std::string& name : route.headers) {
    auto is_it = [&name](const auto& h) { return h.first == name; };
    if (s3 && headers && std::none_of(headers->begin(), headers->end(), is_it)) return false;
  }
  if (!s3) return true;
  for (const auto& [name, value] : query) {
    if (!is_sub_resource(method, name, value)) continue;
    const bool claimed = std::any_of(route.query.begin(), route.query.end(),
                                     [&name = name](const auto& q) { return q.first == name; }) ||
                         std::find(route.query_members.begin(), route.query_members.end(), name) !=
                             route.query_members.end();
    if (!claimed) return false;
  }
  return true;
}

Result<Match> Router::route(http::Method method, std::string_view raw_path,
                            const http::Query& query, const HeaderList* headers) const {
  bool path_known = false;
  for (const Route& r : impl_->routes) {
    auto labels = impl_->match_path(r, raw_path);
    if (!labels) continue;
    path_known = true;
    if (r.row->method != method || !impl_->meets(r, method, query, headers)) continue;
    return Match{r.entry, r.row, std::move(*labels)};
  }
  if (impl_->s3) {
    for (const auto& [name, value] : query)
      if (is_sub_resource(method, name, value))
        return Error(Fault::not_implemented,
                     "A header or query you provided requested a function that is not implemented.")
            .with("Header", name);
  }
  if (path_known)
    return Error(Fault::method_not_allowed,
                 "The specified method is not allowed against this resource.")
        .with("Method", std::string(http::to_string(method)));
  return Error{Fault::unknown_operation,
               "The requested operation is not recognised: there is no such path."};
}

}  // namespace tidegate::wire
