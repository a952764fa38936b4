// What AppConfig keeps and speaks of, as plain data. Names are AWS's. Records are stored with
// numbered fields: a number is never reused. Texts are UTF-8, times UTC milliseconds of domain
// time, durations minutes as in the API.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/scope.h"
#include "base/time.h"
#include "store/record.h"

namespace tidegate::appconfig {

using Tags = std::map<std::string, std::string>;

struct Application {
  std::string id, name;
  std::optional<std::string> description;
  Tags tags;
};

struct Monitor {
  std::string alarm_arn;
  std::optional<std::string> alarm_role_arn;
};

struct Environment {
  std::string application_id, id, name;
  std::optional<std::string> description;
  std::vector<Monitor> monitors;
  Tags tags;
  std::optional<Instant> created;  // absent: by an older server, long ago
};

struct Validator {
  std::string type;     // "JSON_SCHEMA" or "LAMBDA"
  std::string content;  // the schema, or the function's ARN
};

struct Profile {
  std::string application_id, id, name;
  std::optional<std::string> description;
  std::string location_uri;  // "hosted", "s3://bucket/key"
  std::optional<std::string> retrieval_role_arn;
  std::vector<Validator> validators;
  std::string type;  // "AWS.Freeform"
  std::optional<std::string> kms_key_identifier;
  Tags tags;
  std::optional<Instant> created;  // as an environment's
};

enum class GrowthType : std::uint8_t { linear = 0, exponential = 1 };

struct Strategy {
  std::string id, name;
  std::optional<std::string> description;
  std::int32_t duration_minutes = 0;
  GrowthType growth_type = GrowthType::linear;
  double growth_factor = 100;
  std::int32_t bake_minutes = 0;
  std::string replicate_to = "NONE";
  Tags tags;
};

// Where the bytes of a version are: a row of the store when small, a blob otherwise.
struct ContentRef {
  std::string row_id, blob_id;
  std::uint64_t size = 0;
  friend bool operator==(const ContentRef&, const ContentRef&) = default;
};

struct HostedVersion {
  std::string application_id, profile_id;
  std::uint64_t number = 0;
  std::optional<std::string> description;
  std::string content_type;
  std::optional<std::string> label;
  ContentRef content;
  std::optional<std::string> kms_key_identifier;  // the profile's, when it was made
};

// The number given last; kept apart so that deleting a version never frees its number.
struct VersionCounter {
  std::uint64_t last = 0;
};

// When an extension acts. Its actions are kept by these names.
enum class ActionPoint : std::uint8_t {
  pre_create_hosted_configuration_version = 0,
  pre_start_deployment = 1,
  at_deployment_tick = 2,
  on_deployment_start = 3,
  on_deployment_step = 4,
  on_deployment_baking = 5,
  on_deployment_complete = 6,
  on_deployment_rolled_back = 7,
};

struct Action {
  std::string name;
  std::optional<std::string> description;
  std::string uri;  // a function's ARN, or a webhook
  std::optional<std::string> role_arn;
};
using Actions = std::map<std::string, Action>;  // by "ON_DEPLOYMENT_START"

struct Parameter {
  std::optional<std::string> description;
  bool required = false;
  bool dynamic = false;
};
using ParameterValues = std::map<std::string, std::string>;

struct Extension {  // one version of it
  std::string id, name;
  std::uint64_t version = 0;
  std::optional<std::string> description;
  Actions actions;
  std::map<std::string, Parameter> parameters;
  Tags tags;
  std::uint32_t associations = 0;  // of this version
};

struct ExtensionAssociation {
  std::string id, extension_id;
  std::uint64_t extension_version = 0;
  std::string resource_arn;
  ParameterValues parameters;
  Tags tags;
};

// An extension as it applies to one deployment: what it was when the deployment started.
struct AppliedExtension {
  std::string extension_id, association_id;
  std::uint64_t version = 0;
  ParameterValues parameters;
  Actions actions;
};

// One call of an action, as the event log shows it.
struct ActionInvocation {
  std::string extension_id, action_name, uri;
  std::optional<std::string> role_arn;
  std::string invocation_id;
  std::optional<std::string> error_message, error_code;
};

// A page of a list: what to go on after, "" at the end.
template <class T>
struct Page {
  std::vector<T> items;
  std::string next_token;
};
struct PageRequest {
  std::size_t max_results = 50;
  std::string next_token;
};

}  // namespace tidegate::appconfig

namespace tidegate::store {

template <>
struct record_of<appconfig::Application> {
  using R = appconfig::Application;
  static constexpr auto fields = std::tuple{field(1, &R::id), field(2, &R::name),
                                            field(3, &R::description), field(4, &R::tags)};
};
template <>
struct record_of<appconfig::Monitor> {
  using R = appconfig::Monitor;
  static constexpr auto fields = std::tuple{field(1, &R::alarm_arn), field(2, &R::alarm_role_arn)};
};
template <>
struct record_of<appconfig::Environment> {
  using R = appconfig::Environment;
  static constexpr auto fields =
      std::tuple{field(1, &R::application_id), field(2, &R::id),       field(3, &R::name),
                 field(4, &R::description),    field(5, &R::monitors), field(6, &R::tags),
                 field(7, &R::created)};
};
template <>
struct record_of<appconfig::Validator> {
  using R = appconfig::Validator;
  static constexpr auto fields = std::tuple{field(1, &R::type), field(2, &R::content)};
};
template <>
struct record_of<appconfig::Profile> {
  using R = appconfig::Profile;
  static constexpr auto fields = std::tuple{
      field(1, &R::application_id), field(2, &R::id),           field(3, &R::name),
      field(4, &R::description),    field(5, &R::location_uri), field(6, &R::retrieval_role_arn),
      field(7, &R::validators),     field(8, &R::type),         field(9, &R::kms_key_identifier),
      field(10, &R::tags),          field(11, &R::created)};
};
template <>
struct record_of<appconfig::Strategy> {
  using R = appconfig::Strategy;
  static constexpr auto fields =
      std::tuple{field(1, &R::id),           field(2, &R::name),
                 field(3, &R::description),  field(4, &R::duration_minutes),
                 field(5, &R::growth_type),  field(6, &R::growth_factor),
                 field(7, &R::bake_minutes), field(8, &R::replicate_to),
                 field(9, &R::tags)};
};
template <>
struct record_of<appconfig::ContentRef> {
  using R = appconfig::ContentRef;
  static constexpr auto fields =
      std::tuple{field(1, &R::row_id), field(2, &R::blob_id), field(3, &R::size)};
};
template <>
struct record_of<appconfig::HostedVersion> {
  using R = appconfig::HostedVersion;
  static constexpr auto fields = std::tuple{
      field(1, &R::application_id), field(2, &R::profile_id),        field(3, &R::number),
      field(4, &R::description),    field(5, &R::content_type),      field(6, &R::label),
      field(7, &R::content),        field(8, &R::kms_key_identifier)};
};
template <>
struct record_of<appconfig::Action> {
  using R = appconfig::Action;
  static constexpr auto fields = std::tuple{field(1, &R::name), field(2, &R::description),
                                            field(3, &R::uri), field(4, &R::role_arn)};
};
template <>
struct record_of<appconfig::Parameter> {
  using R = appconfig::Parameter;
  static constexpr auto fields =
      std::tuple{field(1, &R::description), field(2, &R::required), field(3, &R::dynamic)};
};
template <>
struct record_of<appconfig::Extension> {
  using R = appconfig::Extension;
  static constexpr auto fields =
      std::tuple{field(1, &R::id),          field(2, &R::name),        field(3, &R::version),
                 field(4, &R::description), field(5, &R::actions),     field(6, &R::parameters),
                 field(7, &R::tags),        field(8, &R::associations)};
};
template <>
struct record_of<appconfig::ExtensionAssociation> {
  using R = appconfig::ExtensionAssociation;
  static constexpr auto fields = std::tuple{
      field(1, &R::id),           field(2, &R::extension_id), field(3, &R::extension_version),
      field(4, &R::resource_arn), field(5, &R::parameters),   field(6, &R::tags)};
};
template <>
struct record_of<appconfig::AppliedExtension> {
  using R = appconfig::AppliedExtension;
  static constexpr auto fields =
      std::tuple{field(1, &R::extension_id), field(2, &R::association_id), field(3, &R::version),
                 field(4, &R::parameters), field(5, &R::actions)};
};
template <>
struct record_of<appconfig::ActionInvocation> {
  using R = appconfig::ActionInvocation;
  static constexpr auto fields = std::tuple{
      field(1, &R::extension_id), field(2, &R::action_name),   field(3, &R::uri),
      field(4, &R::role_arn),     field(5, &R::invocation_id), field(6, &R::error_message),
      field(7, &R::error_code)};
};
template <>
struct record_of<appconfig::VersionCounter> {
  using R = appconfig::VersionCounter;
  static constexpr auto fields = std::tuple{field(1, &R::last)};
};

}  // namespace tidegate::store
