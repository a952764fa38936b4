// Layers: packages that functions share, unpacked into /opt. A layer's versions are numbered; one
// that is deleted is hidden at once, and its bytes go at a start after the last function that uses
// it is gone. On the control strand. Errors carry AWS's texts: not_found, conflict,
// invalid_parameter_value, invalid_request, precondition_failed, access_denied.
#pragma once

#include <functional>
#include <set>

#include "base/scheduler.h"
#include "lambda/code_source.h"
#include "lambda/packages.h"
#include "lambda/rows.h"
#include "policy/evaluate.h"

namespace tidegate::lambda {

struct LayerStatement {
  std::string sid, action, principal;
  std::optional<std::string> organization;
};

struct LayerVersion {
  std::string name, description;
  std::optional<std::string> license;
  std::int64_t number = 0;
  std::vector<std::string> runtimes, architectures;
  bool has_runtimes = false, has_architectures = false;  // given, also when empty
  Instant created{};
  std::string blob, sha256;  // hex
  std::uint64_t size = 0, unpacked_size = 0;
  std::vector<LayerStatement> statements;
  std::string policy_revision;
  bool deleted = false;
};

struct LayerFilter {
  std::optional<std::string> runtime, architecture;
  bool lets(const LayerVersion&) const;
};

struct LayerPage {
  std::vector<LayerVersion> versions;
  std::string next_marker;
};

class Layers {
 public:
  Layers(store::Store& store, const Clock& domain, Random& random, Packages& packages,
         CodeSource& source)
      : store_(store), domain_(domain), random_(random), packages_(packages), source_(source) {}

  // `version` says all but number, time and package.
  Task<LayerVersion> publish(Scope scope, LayerVersion version, Code code);
  Task<LayerVersion> find(Scope scope, std::string name, std::int64_t number);
  Task<Unit> remove(Scope scope, std::string name, std::int64_t number);
  // The newest first.
  Task<LayerPage> versions(Scope scope, std::string name, LayerFilter filter, std::string marker,
                           std::size_t max_items);
  // The newest version that the filter lets through of each layer.
  Task<LayerPage> list(Scope scope, LayerFilter filter, std::string marker, std::size_t max_items);

  Task<LayerVersion> permit(Scope scope, std::string name, std::int64_t number,
                            LayerStatement statement, std::optional<std::string> revision_id);
  Task<Unit> forbid(Scope scope, std::string name, std::int64_t number, std::string sid,
                    std::optional<std::string> revision_id);

  // What a function is to use, in this order.
  Task<std::vector<LayerUse>> resolve(Scope scope, std::vector<std::string> arns);
  // Of all versions that are there.
  Task<std::uint64_t> code_bytes(Scope scope);
  // Ends deleted versions that no function uses.
  Task<Unit> sweep(Scope scope, std::set<std::string> used_arns);

 private:
  Task<std::optional<LayerVersion>> get(Scope scope, std::string name, std::int64_t number);
  Task<LayerVersion> change(Scope scope, std::string name, std::int64_t number,
                            std::function<Status(LayerVersion&)> apply);

  store::Store& store_;
  const Clock& domain_;
  Random& random_;
  Packages& packages_;
  CodeSource& source_;
};

std::string layer_arn(const Scope&, const std::string& name);
std::string layer_version_arn(const Scope&, const std::string& name, std::int64_t number);
struct LayerRef {
  Scope scope;
  std::string name;
  std::int64_t number = 0;
};
std::optional<LayerRef> parse_layer_version_arn(const std::string& arn);
// What the API says of such an ARN.
extern const char kLayerVersionArnPattern[];
std::string layer_statement_json(const Scope&, const LayerVersion&, const LayerStatement&);
std::string layer_policy_json(const Scope&, const LayerVersion&);
policy::Document document_of(const Scope&, const LayerVersion&);

}  // namespace tidegate::lambda

namespace tidegate::store {
template <>
struct record_of<lambda::LayerStatement> {
  using R = lambda::LayerStatement;
  static constexpr auto fields = std::tuple{field(1, &R::sid), field(2, &R::action),
                                            field(3, &R::principal), field(4, &R::organization)};
};
template <>
struct record_of<lambda::LayerVersion> {
  using R = lambda::LayerVersion;
  static constexpr auto fields = std::tuple{
      field(1, &R::name),           field(2, &R::description),       field(3, &R::license),
      field(4, &R::number),         field(5, &R::runtimes),          field(6, &R::architectures),
      field(7, &R::has_runtimes),   field(8, &R::has_architectures), field(9, &R::created),
      field(10, &R::blob),          field(11, &R::sha256),           field(12, &R::size),
      field(13, &R::unpacked_size), field(14, &R::statements),       field(15, &R::policy_revision),
      field(16, &R::deleted)};
};
}  // namespace tidegate::store
