#include "app/info/environment_report.hpp"

#include <iomanip>
#include <nlohmann/json.hpp>
#include <string>

#include "app/options/recommendation.hpp"
#include "app/output/report.hpp"
#include "io/text_value.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak {
namespace {

void print_properties(const EnvironmentInfo& environment, std::ostream& out) {
  out << environment.name << ": " << environment.description << '\n'
      << "    " << counted(environment.observation_size, "observation") << ", "
      << counted(environment.action_size, "action") << ", state of";
  for (const std::string_view name : environment.state_names) out << ' ' << name;
  out << '\n';
  for (const EnvironmentParameter& parameter : environment.parameters) {
    out << "    --environment-parameter " << parameter.name << '='
        << format_number(parameter.default_value) << ": " << parameter.description << ", "
        << format_number(parameter.lowest) << " to " << format_number(parameter.highest) << '\n';
  }
}

nlohmann::ordered_json recommendation_json(const EnvironmentInfo& environment) {
  auto recommended = nlohmann::ordered_json::array();
  for (const RecommendedSetting& setting : environment.recommended) {
    recommended.push_back(
        {{"option", setting.option}, {"value", setting.value}, {"reason", setting.reason}});
  }
  return recommended;
}

}  // namespace

void print_environments(std::ostream& out) {
  out << "Environments\n";
  for (const EnvironmentInfo& environment : all_environments()) {
    out << "  ";
    print_properties(environment, out);
    if (environment.recommended.empty()) continue;
    out << "    recommends " << recommended_options(environment.recommended) << '\n';
  }
}

void print_environment(const EnvironmentInfo& environment, std::ostream& out) {
  out << "Environment ";
  print_properties(environment, out);
  if (environment.recommended.empty()) {
    out << "  It recommends the defaults\n";
    return;
  }
  out << "  It recommends\n";
  for (const RecommendedSetting& setting : environment.recommended) {
    out << "    " << std::left << std::setw(34) << recommended_options({&setting, 1}) << ' '
        << setting.reason << '\n';
  }
  out << "  A training on it begins with that. Options that are given win; a --preset that is "
         "named\n"
         "  leaves all of it out (--preset fast: the defaults)\n";
}

nlohmann::ordered_json environments_json() {
  auto environments = nlohmann::ordered_json::array();
  for (const EnvironmentInfo& environment : all_environments()) {
    auto parameters = nlohmann::ordered_json::array();
    for (const EnvironmentParameter& parameter : environment.parameters) {
      parameters.push_back({{"name", parameter.name},
                            {"default", parameter.default_value},
                            {"lowest", parameter.lowest},
                            {"highest", parameter.highest},
                            {"description", parameter.description}});
    }
    environments.push_back({{"name", environment.name},
                            {"description", environment.description},
                            {"observations", environment.observation_size},
                            {"actions", environment.action_size},
                            {"states", environment.state_names},
                            {"time_limit", environment.time_limit},
                            {"parameters", parameters},
                            {"recommended", recommendation_json(environment)}});
  }
  return environments;
}

}  // namespace polyak
