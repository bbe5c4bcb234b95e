// Options that are a number: read as every number of Polyak is, and held against a range.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "io/text_value.hpp"
#include "polyak/core/error.hpp"

namespace polyak {

/// Adds `--name X`, which sets `target` to a number between `lowest` and `highest`. Any other is
/// refused by a UsageError while the command line is parsed.
template <class Number, class Target>
CLI::Option* add_number_option(CLI::App& command, const std::string& name, Target& target,
                               Number lowest, Number highest, const std::string& help) {
  const auto set = [name, &target, lowest, highest](const std::string& text) {
    const auto number = parse_named_number<Number>(name, text);
    if (!(number >= lowest && number <= highest)) {
      throw UsageError("--" + name + ": " + text + " is out of range; it must be between " +
                       format_number(lowest) + " and " + format_number(highest));
    }
    target = number;
  };
  return command.add_option_function<std::string>("--" + name, set, help)
      ->option_text(std::is_integral_v<Number> ? "N" : "X");
}

}  // namespace polyak
