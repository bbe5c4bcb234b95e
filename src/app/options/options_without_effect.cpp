#include "app/options/options_without_effect.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>

#include "config/checks.hpp"
#include "config/fields.hpp"
#include "polyak/core/error.hpp"

namespace polyak {

void refuse_options_without_effect(const CLI::App& command, const Config& config) {
  refuse_options_without_effect(command, std::span(&config, 1));
}

std::vector<std::string> options_without_effect(const CLI::App& command,
                                                std::span<const Config> trainings) {
  std::vector<std::string> found;
  visit_fields(trainings.front(), [&](const FieldInfo& field, const auto&) {
    if (field.no_effect.empty()) return;
    const std::string name = "--" + std::string(field.name);
    const CLI::Option* const option = command.get_option_no_throw(name);
    if (option == nullptr || option->count() == 0) return;
    const bool has_effect = std::any_of(
        trainings.begin(), trainings.end(),
        [&](const Config& training) { return why_without_effect(training, field.name).empty(); });
    if (!has_effect) found.push_back(name + ": " + std::string(field.no_effect));
  });
  return found;
}

void refuse_options_without_effect(const CLI::App& command, std::span<const Config> trainings) {
  const std::vector<std::string> found = options_without_effect(command, trainings);
  if (!found.empty()) throw UsageError(found.front());
}

}  // namespace polyak
