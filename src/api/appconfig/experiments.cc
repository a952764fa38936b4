// Experiments, which came to AppConfig's API in 2026: known, routed, refused by name.
#include "api/appconfig/groups.h"

namespace tidegate::api::appconfig {
namespace {

using http::Method;

constexpr wire::Row row(std::string_view name, Method method, std::string_view uri) {
  return wire::Row{name, method, uri, 501, nullptr, nullptr, ""};
}

constexpr wire::Row kRefused[] = {
    row("CreateExperimentDefinition", Method::post,
        "/applications/{ApplicationIdentifier}/experimentdefinitions"),
    row("GetExperimentDefinition", Method::get,
        "/applications/{ApplicationIdentifier}/experimentdefinitions/"
        "{ExperimentDefinitionIdentifier}"),
    row("UpdateExperimentDefinition", Method::patch,
        "/applications/{ApplicationIdentifier}/experimentdefinitions/"
        "{ExperimentDefinitionIdentifier}"),
    row("DeleteExperimentDefinition", Method::delete_,
        "/applications/{ApplicationIdentifier}/experimentdefinitions/"
        "{ExperimentDefinitionIdentifier}"),
    row("ListExperimentDefinitions", Method::get, "/experimentdefinitions"),
    row("StartExperimentRun", Method::post,
        "/applications/{ApplicationIdentifier}/experimentdefinitions/"
        "{ExperimentDefinitionIdentifier}/experimentruns"),
    row("GetExperimentRun", Method::get,
        "/applications/{ApplicationIdentifier}/experimentdefinitions/"
        "{ExperimentDefinitionIdentifier}/experimentruns/{Run}"),
    row("ListExperimentRuns", Method::get,
        "/applications/{ApplicationIdentifier}/experimentdefinitions/"
        "{ExperimentDefinitionIdentifier}/experimentruns"),
    row("UpdateExperimentRun", Method::patch,
        "/applications/{ApplicationIdentifier}/experimentdefinitions/"
        "{ExperimentDefinitionIdentifier}/experimentruns/{Run}/update"),
    row("StopExperimentRun", Method::patch,
        "/applications/{ApplicationIdentifier}/experimentdefinitions/"
        "{ExperimentDefinitionIdentifier}/experimentruns/{Run}/stop"),
    row("ListExperimentRunEvents", Method::get,
        "/applications/{ApplicationIdentifier}/experimentdefinitions/"
        "{ExperimentDefinitionIdentifier}/experimentruns/{Run}/events"),
};

}  // namespace

void refuse_experiments(wire::Table& table) {
  for (const wire::Row& r : kRefused) table.refuse(r);
}

}  // namespace tidegate::api::appconfig
