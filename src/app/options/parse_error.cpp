#include "app/options/parse_error.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <vector>

#include "io/suggestion.hpp"

namespace polyak {
namespace {

std::vector<std::string> option_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  return names;
}

/// Whose option it is, if it is not that of the command that it was given to: "; did you mean
/// 'polyak --version'?".
std::string of_another(const CLI::App& app, const CLI::App* command, const std::string& name) {
  const auto has_it = [&name](const CLI::App* candidate) {
    return candidate->get_option_no_throw(name) != nullptr;
  };
  if (command != nullptr) return has_it(&app) ? "; did you mean 'polyak " + name + "'?" : "";
  for (const CLI::App* const candidate : app.get_subcommands({})) {
    if (!has_it(candidate)) continue;
    return "; did you mean 'polyak " + candidate->get_name() + " " + name + "'?";
  }
  return "";
}

/// What was left over: an option or a command that does not exist.
std::string describe_extra(const CLI::App& app, const CLI::App* command) {
  const std::vector<std::string> extras = app.remaining(true);
  const std::string extra = extras.empty() ? "" : extras.front();
  if (command == nullptr && !extra.starts_with("-")) {
    return "unknown command '" + extra + "'" + did_you_mean(extra, command_names(app));
  }
  if (!extra.starts_with("-")) return "unexpected argument '" + extra + "'";
  const std::string name = extra.substr(0, extra.find('='));
  std::string suggestion = of_another(app, command, name);
  if (suggestion.empty()) {
    suggestion = did_you_mean(name, option_names(command == nullptr ? app : *command));
  }
  return "unknown option '" + name + "'" + suggestion;
}

/// CLI11 says "--seed: 1 required  missing" and "--seed: At Most 1 required but received 2".
std::string describe_mismatch(const CLI::ParseError& error) {
  const std::string text = error.what();
  const std::string name = text.substr(0, text.find(':'));
  if (text.find("missing") != std::string::npos) return name + ": needs a value";
  return name + ": is given more than once";
}

/// CLI11 says "--starts excludes --seed".
std::string describe_exclusion(const CLI::ParseError& error) {
  const std::string text = error.what();
  const std::string first = text.substr(0, text.find(' ')), last = text.substr(text.rfind(' ') + 1);
  return first + " and " + last + " exclude each other; leave one of them out";
}

}  // namespace

std::string describe_parse_error(const CLI::App& app, const CLI::ParseError& error) {
  const std::vector<CLI::App*> given = app.get_subcommands();
  const CLI::App* const command = given.empty() ? nullptr : given.front();
  // An unknown option is the likelier mistake than the argument that is missing, too.
  const bool extra =
      dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr ||
      (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr && app.remaining_size(true) > 0);
  std::string message;
  if (extra || (command == nullptr && app.remaining_size(true) > 0)) {
    message = describe_extra(app, command);
  } else if (command == nullptr) {
    message = "no command given";
  } else if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    message = describe_mismatch(error);
  } else if (dynamic_cast<const CLI::ExcludesError*>(&error) != nullptr) {
    message = describe_exclusion(error);
  } else {
    message = error.what();
  }
  return message + " (see polyak " + (command == nullptr ? "" : command->get_name() + " ") +
         "--help)";
}

}  // namespace polyak
