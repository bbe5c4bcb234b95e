#include "app/config_options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>
#include <sstream>

#include "app/suggestion.hpp"
#include "io/text_value.hpp"
#include "polyak/config_presets.hpp"
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

/// CLI11 skips lines of one or two characters; nothing in a configuration is to be skipped.
void refuse_short_lines(const std::string& text, const std::string& path) {
  std::istringstream lines(text);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    const std::string trimmed = CLI::detail::trim_copy(line);
    if (trimmed.empty() || trimmed.front() == '#' || trimmed.size() >= 3) continue;
    throw UsageError("--config " + path + ": line " + std::to_string(number) + ", '" + trimmed +
                     "', is not `name = value`");
  }
}

std::string read_config_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) {
    throw UsageError("--config " + path + ": cannot be read, or is empty");
  }
  return text.str();
}

/// The texts of some fields, by name.
using FieldTexts = std::map<std::string, std::vector<std::string>>;

/// Sets the fields that `texts` names. What an algorithm stands for comes first, so that the other
/// fields may change it.
void set_fields(const FieldTexts& texts, Config& config) {
  if (const auto entry = texts.find("algorithm"); entry != texts.end()) {
    Algorithm algorithm{};
    parse_field(entry->first, entry->second, algorithm);
    apply_algorithm(config, algorithm);
  }
  visit_fields(config, [&]<class T>(const FieldInfo& field, T& value) {
    const auto entry = texts.find(std::string(field.name));
    if (entry != texts.end()) parse_field(field.name, entry->second, value);
  });
}

/// The preset that the command line names, or else the file.
Preset named_preset(const FieldTexts& from_command, const FieldTexts& from_file) {
  Preset preset = Config{}.preset;
  for (const FieldTexts* const texts : {&from_file, &from_command}) {
    const auto entry = texts->find("preset");
    if (entry != texts->end()) parse_field(entry->first, entry->second, preset);
  }
  return preset;
}

}  // namespace

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
      "read options from a file of lines `name = value`, as the config.toml of every run "
      "directory; options on the command line win over it");
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

std::map<std::string, std::vector<std::string>> ConfigOptions::file_values() const {
  std::map<std::string, std::vector<std::string>> values;
  if (file_->count() == 0) return values;
  const auto path = file_->as<std::string>();
  const std::string text = read_config_file(path);
  refuse_short_lines(text, path);
  std::istringstream stream(text);
  std::vector<std::string> known;
  for (const auto& entry : options_) known.push_back(entry.first);
  for (const CLI::ConfigItem& item : CLI::ConfigTOML().from_config(stream)) {
    const std::string name = item.fullname();
    if (!options_.contains(name)) {
      throw UsageError("--config " + path + ": unknown name '" + name + "'" +
                       did_you_mean(name, known));
    }
    if (!values.emplace(name, item.inputs).second) {
      throw UsageError("--config " + path + ": '" + name + "' is there twice");
    }
  }
  return values;
}

Config ConfigOptions::config() const {
  const auto from_file = file_values();
  FieldTexts from_command;
  for (const auto& [name, option] : options_) {
    if (option->count() > 0) from_command.emplace(name, option->results());
  }
  Config config;
  apply_preset(config, named_preset(from_command, from_file));
  set_fields(from_file, config);
  set_fields(from_command, config);
  validate(config);
  return config;
}

bool ConfigOptions::given(std::string_view field) const {
  const auto option = options_.find(field);
  if (option == options_.end()) return false;
  return option->second->count() > 0 || file_values().contains(option->first);
}

}  // namespace polyak
