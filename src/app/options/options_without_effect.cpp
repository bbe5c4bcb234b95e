#include "app/options/options_without_effect.hpp"

#include <CLI/CLI.hpp>
#include <string>

#include "config/fields.hpp"
#include "polyak/core/error.hpp"

namespace polyak {

void refuse_options_without_effect(const CLI::App& command, const Config& config) {
  visit_fields(config, [&command](const FieldInfo& field, const auto&) {
    if (field.no_effect.empty()) return;
    const std::string name = "--" + std::string(field.name);
    if (command.get_option(name)->count() == 0) return;
    throw UsageError(name + ": " + std::string(field.no_effect));
  });
}

}  // namespace polyak
