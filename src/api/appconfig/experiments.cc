// Experiments, which came to AppConfig's API in 2026: known, routed, refused by name.
#include "api/appconfig/groups.h"
#include "wire/refused.h"

namespace tidegate::api::appconfig {
namespace {

using http::Method;

constexpr wire::Row kRefused[] = {
    wire::refused_row("CreateExperimentDefinition", Method::post,
                      "/applications/{ApplicationIdentifier}/experimentdefinitions"),
    wire::refused_row("GetExperimentDefinition", Method::get,
                      "/applications/{ApplicationIdentifier}/experimentdefinitions/"
                      "{ExperimentDefinitionIdentifier}"),
    wire::refused_row("UpdateExperimentDefinition", Method::patch,
                      "/applications/{ApplicationIdentifier}/experimentdefinitions/"
                      "{ExperimentDefinitionIdentifier}"),
    wire::refused_row("DeleteExperimentDefinition", Method::delete_,
                      "/applications/{ApplicationIdentifier}/experimentdefinitions/"
                      "{ExperimentDefinitionIdentifier}"),
    wire::refused_row("ListExperimentDefinitions", Method::get, "/experimentdefinitions"),
    wire::refused_row("StartExperimentRun", Method::post,
                      "/applications/{ApplicationIdentifier}/experimentdefinitions/"
                      "{ExperimentDefinitionIdentifier}/experimentruns"),
    wire::refused_row("GetExperimentRun", Method::get,
                      "/applications/{ApplicationIdentifier}/experimentdefinitions/"
                      "{ExperimentDefinitionIdentifier}/experimentruns/{Run}"),
    wire::refused_row("ListExperimentRuns", Method::get,
                      "/applications/{ApplicationIdentifier}/experimentdefinitions/"
                      "{ExperimentDefinitionIdentifier}/experimentruns"),
    wire::refused_row("UpdateExperimentRun", Method::patch,
                      "/applications/{ApplicationIdentifier}/experimentdefinitions/"
                      "{ExperimentDefinitionIdentifier}/experimentruns/{Run}/update"),
    wire::refused_row("StopExperimentRun", Method::patch,
                      "/applications/{ApplicationIdentifier}/experimentdefinitions/"
                      "{ExperimentDefinitionIdentifier}/experimentruns/{Run}/stop"),
    wire::refused_row("ListExperimentRunEvents", Method::get,
                      "/applications/{ApplicationIdentifier}/experimentdefinitions/"
                      "{ExperimentDefinitionIdentifier}/experimentruns/{Run}/events"),
};

}  // namespace

void refuse_experiments(wire::Table& table) {
  for (const wire::Row& r : kRefused) table.refuse(r);
}

}  // namespace tidegate::api::appconfig
