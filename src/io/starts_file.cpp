#include "io/starts_file.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "io/parse_json.hpp"
#include "io/read_file.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

constexpr std::uint64_t largest_file = std::uint64_t{64} << 20;  // some 2 million starts
constexpr const char* best_return_key = "best_return";
constexpr const char* description_key = "meta";  // anything, for people

std::string without_underscores(std::string_view name) {
  std::string result(name);
  std::erase(result, '_');
  return result;
}

std::vector<double> read_numbers(const std::string& file, const std::string& key,
                                 const nlohmann::json& list) {
  const auto refuse = [&](const std::string& why) {
    throw UsageError(file + ": '" + key + "' " + why);
  };
  if (!list.is_array()) refuse("is not a list of numbers");
  std::vector<double> numbers;
  for (const nlohmann::json& value : list) {
    const double number = value.is_number() ? value.get<double>() : std::nan("");
    if (!std::isfinite(static_cast<float>(number))) {
      refuse("has a value that is not a finite number, at position " +
             std::to_string(numbers.size()));
    }
    numbers.push_back(number);
  }
  return numbers;
}

/// The list of a state's values. Two keys that differ only in underscores would be a guess.
nlohmann::json::const_iterator find_state(const nlohmann::json& json, const std::string& file,
                                          const std::string& name) {
  const auto names_it = [&](const nlohmann::json::const_iterator& entry) {
    return without_underscores(entry.key()) == without_underscores(name);
  };
  nlohmann::json::const_iterator found = json.end();
  for (auto entry = json.begin(); entry != json.end(); ++entry) {
    if (!names_it(entry)) continue;
    if (found != json.end()) {
      throw UsageError(file + ": '" + found.key() + "' and '" + entry.key() +
                       "' both name the state " + name);
    }
    found = entry;
  }
  return found;
}

/// A misspelt name would be a list that nobody looks at.
void refuse_unknown_keys(const nlohmann::json& json, const std::string& file,
                         const EnvironmentInfo& environment) {
  for (const auto& [key, value] : json.items()) {
    const std::string plain = without_underscores(key);
    const bool is_state = std::any_of(
        environment.state_names.begin(), environment.state_names.end(),
        [&](std::string_view name) { return without_underscores(std::string(name)) == plain; });
    if (is_state || key == best_return_key || key == description_key) continue;
    throw UsageError(file + ": '" + key + "' is no state of " + std::string(environment.name) +
                     ", nor '" + std::string(best_return_key) + "' or '" +
                     std::string(description_key) + "'");
  }
}

}  // namespace

Starts read_starts(const std::filesystem::path& path, const EnvironmentInfo& environment) {
  return parse_starts(read_whole_file(path, largest_file), path.string(), environment);
}

Starts parse_starts(std::string_view text, const std::string& file,
                    const EnvironmentInfo& environment) {
  const nlohmann::json json = parse_json(text, file + ": the file");
  if (!json.is_object()) throw UsageError(file + ": is not a JSON object of start states");
  const auto size = static_cast<std::size_t>(environment.state_size);
  Starts starts{environment.state_size, {}, {}};
  for (std::size_t dimension = 0; dimension < size; ++dimension) {
    const std::string name(environment.state_names[dimension]);
    const nlohmann::json::const_iterator entry = find_state(json, file, name);
    if (entry == json.end()) {
      throw UsageError(file + ": lacks '" + name + "', a state of " +
                       std::string(environment.name));
    }
    const std::vector<double> values = read_numbers(file, entry.key(), *entry);
    if (dimension == 0) starts.states.resize(values.size() * size);
    if (values.empty() || values.size() * size != starts.states.size()) {
      throw UsageError(file + ": '" + entry.key() + "' has " + std::to_string(values.size()) +
                       " values; every state needs the same number of them, at least one");
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
      starts.states[i * size + dimension] = static_cast<float>(values[i]);
    }
  }
  refuse_unknown_keys(json, file, environment);
  if (json.contains(best_return_key)) {
    starts.best_returns = read_numbers(file, best_return_key, json[best_return_key]);
    if (starts.best_returns.size() != starts.count()) {
      throw UsageError(file + ": '" + best_return_key + "' has " +
                       std::to_string(starts.best_returns.size()) + " values for " +
                       std::to_string(starts.count()) + " start states");
    }
  }
  return starts;
}

}  // namespace polyak
