#include "app/options/config_options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>

#include "app/options/recommendation.hpp"
#include "config/fields.hpp"
#include "io/config_file.hpp"
#include "io/read_file.hpp"
#include "io/text_value.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

constexpr std::size_t help_width = 66;

template <class T>
std::string_view value_word() {
  if constexpr (is_list_field<T>) return "LIST";
  if constexpr (std::is_same_v<T, bool>) return "[true|false]";
  if constexpr (std::is_integral_v<T>) return "N";
  if constexpr (std::is_floating_point_v<T>) return "X";
  return "NAME";
}

template <class T>
std::string help_of(const FieldInfo& field, const T& default_value) {
  std::string help(field.help);
  const std::string text = join_text(field_texts(default_value), ",");
  help += " [" + (text.empty() ? std::string("none") : text);
  if (field.lowest < field.highest) {
    char range[64];
    std::snprintf(range, sizeof range, "; %.10g to %.10g", field.lowest, field.highest);
    help += range;
  }
  if constexpr (requires { default_value.values; }) {
    if (field.name != "seed") help += "; a list goes round the agents";
  }
  return help + "]";
}

/// Where the file has the option that a refusal is about ("--NAME: WHY"), if it was not given on
/// the command line.
std::string place_in_file(std::string_view refusal, const FieldTexts& from_command,
                          const FieldTexts& from_file) {
  if (!refusal.starts_with("--")) return {};
  const std::string name(refusal.substr(2, refusal.find(':') - 2));
  const auto entry = from_file.find(name);
  return from_command.contains(name) || entry == from_file.end() ? "" : entry->second.place;
}

/// Whether nothing but what the environment recommends is wrong; no preset may be named.
bool is_valid_with_preset_fast(FieldTexts from_command, const FieldTexts& from_file) {
  from_command.emplace("preset", FieldText{{"fast"}});
  try {
    validate(config_from_texts(from_command, from_file));
    return true;
  } catch (const UsageError&) {
    return false;
  }
}

}  // namespace

CLI::Option* add_switch(CLI::App& command, const std::string& name, bool& target,
                        const std::string& help) {
  const std::function<std::string(const std::string&)> why_wrong = [](const std::string& text) {
    const bool right = text == "true" || text == "false";
    return right ? "" : "'" + text + "' is neither true nor false";
  };
  return command.add_flag(name, target, wrap_help(help))->check(why_wrong);
}

std::string wrap_help(std::string_view text) {
  std::string wrapped;
  std::size_t column = 0;
  for (const std::string& word : split_text(text, ' ')) {
    if (column > 0 && column + 1 + word.size() > help_width) {
      wrapped += '\n';
      column = 0;
    } else if (column > 0) {
      wrapped += ' ';
      ++column;
    }
    wrapped += word;
    column += word.size();
  }
  return wrapped;
}

ConfigOptions::ConfigOptions(CLI::App& command, std::vector<std::string_view> without) {
  const std::string file_help = wrap_help(
      "read options from a TOML file like the config.toml of every run directory: first its or the "
      "command line's preset (or what the environment recommends) and algorithm count, then the "
      "file's options, then the command line's");
  file_ = command.add_option("--config", file_help)->option_text("FILE");
  Config defaults;
  visit_fields(defaults, [&]<class T>(const FieldInfo& field, const T& value) {
    if (std::find(without.begin(), without.end(), field.name) != without.end()) return;
    const std::string help = wrap_help(help_of(field, value));
    CLI::Option* const option = command.add_option("--" + std::string(field.name), help)
                                    ->option_text(std::string(value_word<T>()))
                                    ->group(std::string(field.group));
    // A switch alone means that it is on.
    if (std::is_same_v<T, bool>) option->expected(0, 1)->default_str("true");
    if (is_list_field<T>) option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    options_.emplace(field.name, option);
  });
}

const FieldTexts& ConfigOptions::file_texts() const {
  if (file_texts_) return *file_texts_;
  file_texts_.emplace();
  if (file_->count() == 0) return *file_texts_;
  const auto path = file_->as<std::string>();
  std::string text;
  try {
    text = read_whole_file(path, largest_config_file);
  } catch (const UsageError& error) {
    throw UsageError(std::string("--config ") + error.what());
  }
  file_texts_ = parse_config_fields(text, "--config " + path);
  return *file_texts_;
}

FieldTexts ConfigOptions::command_texts() const {
  FieldTexts from_command;
  for (const auto& [name, option] : options_) {
    if (option->count() > 0) from_command.emplace(name, FieldText{option->results()});
  }
  return from_command;
}

Config ConfigOptions::unchecked() const { return config_from_texts(command_texts(), file_texts()); }

Config ConfigOptions::config() const {
  Config config = unchecked();
  try {
    validate(config);
  } catch (const UsageError& error) {
    const FieldTexts from_command = command_texts(), from_file = file_texts();
    std::string refusal = place_in_file(error.what(), from_command, from_file) + error.what();
    const std::string recommendation = describe_recommendation(*this, config);
    if (!recommendation.empty() && is_valid_with_preset_fast(from_command, from_file)) {
      refusal += "; " + recommendation;
    }
    throw UsageError(refusal);
  }
  return config;
}

Config ConfigOptions::changed(Config base) const {
  visit_fields(base, [this]<class T>(const FieldInfo& field, T& value) {
    const auto option = options_.find(field.name);
    if (option == options_.end() || option->second->count() == 0) return;
    parse_field(field.name, option->second->results(), value);
  });
  return base;
}

std::vector<std::string> ConfigOptions::given_beside_algorithm() const {
  std::vector<std::string> names;
  const FieldTexts from_command = command_texts();
  for (const FieldTexts* const texts : {&from_command, &file_texts()}) {
    if (texts != &from_command && texts->contains(field_name(&Config::algorithm))) continue;
    for (const auto& [name, text] : *texts) names.push_back(name);
  }
  return names;
}

bool ConfigOptions::given(std::string_view field) const {
  const auto option = options_.find(field);
  if (option == options_.end()) return false;
  return option->second->count() > 0 || file_texts().contains(option->first);
}

}  // namespace polyak
