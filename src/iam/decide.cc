#include "iam/decide.h"

namespace tidegate::iam {
namespace {

using policy::Verdict;

// Several policies at once: any deny denies, any allow allows.
Verdict of_all(const std::vector<Source>& sources, const policy::Request& request,
               std::vector<Ruling::Matched>& matched) {
  Verdict out = Verdict::none;
  for (const Source& source : sources) {
    const policy::Decision d = policy::evaluate(*source.document, request);
    if (d.verdict == Verdict::none || (out == Verdict::deny && d.verdict == Verdict::allow))
      continue;
    if (d.verdict == Verdict::deny && out != Verdict::deny) matched.clear();
    out = d.verdict;
    for (std::size_t i : d.matched) matched.push_back({&source, i});
  }
  return out;
}

}  // namespace

Ruling decide(const Grants& grants, const std::vector<Source>& session,
              const policy::Request& request) {
  Ruling out;
  out.verdict = of_all(grants.policies, request, out.matched);
  if (out.verdict == Verdict::deny) return out;
  std::vector<Ruling::Matched> matched;
  auto bound = [&](Verdict v, Ruling::By by) {
    if (v == Verdict::deny || (v == Verdict::none && out.verdict == Verdict::allow)) {
      out.verdict = v;
      out.by = by;
      out.matched = matched;
    }
    return out.verdict == Verdict::deny;
  };
  if (grants.boundary) {
    const policy::Decision d = policy::evaluate(*grants.boundary->document, request);
    for (std::size_t i : d.matched) matched.push_back({&*grants.boundary, i});
    if (bound(d.verdict, Ruling::By::boundary)) return out;
  }
  if (!session.empty()) {
    matched.clear();
    bound(of_all(session, request, matched), Ruling::By::session);
  }
  return out;
}

Result<std::vector<Source>> session_sources(const Directory& directory, const std::string& account,
                                            const std::vector<std::string>& documents,
                                            const std::vector<std::string>& arns) {
  std::vector<Source> out;
  for (const std::string& text : documents) {
    TRY(policy::Document document, policy::parse(text, policy::Dialect::identity));
    out.push_back(
        {"session", "session", std::make_shared<const policy::Document>(std::move(document))});
  }
  for (const std::string& arn : arns) {
    auto source = directory.managed(account, arn);
    if (!source)
      return Error{Fault::malformed_policy,
                   "The session policy " + arn + " does not exist or is not attachable."};
    out.push_back(std::move(*source));
  }
  return out;
}

}  // namespace tidegate::iam
