#include "io/starts_file.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "io/atomic_file.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

constexpr std::uintmax_t largest_file = std::uintmax_t{1} << 30;
constexpr const char* best_return_key = "best_return";

std::string without_underscores(std::string_view name) {
  std::string result(name);
  std::erase(result, '_');
  return result;
}

std::vector<double> read_numbers(const std::filesystem::path& path, const std::string& key,
                                 const nlohmann::json& list) {
  const auto refuse = [&](const std::string& why) {
    throw UsageError(path.string() + ": '" + key + "' " + why);
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

nlohmann::json parse_object(const std::filesystem::path& path) {
  nlohmann::json json = nlohmann::json::parse(read_whole_file(path, largest_file), nullptr, false);
  if (!json.is_object()) throw UsageError(path.string() + ": is not a JSON object of start states");
  return json;
}

}  // namespace

Starts read_starts(const std::filesystem::path& path, const EnvironmentInfo& environment) {
  const nlohmann::json json = parse_object(path);
  const auto size = static_cast<std::size_t>(environment.state_size);
  Starts starts{environment.state_size, {}, {}};
  for (std::size_t dimension = 0; dimension < size; ++dimension) {
    const std::string name(environment.state_names[dimension]);
    nlohmann::json::const_iterator entry = json.begin();
    while (entry != json.end() && without_underscores(entry.key()) != without_underscores(name)) {
      ++entry;
    }
    if (entry == json.end()) {
      throw UsageError(path.string() + ": lacks '" + name + "', a state of " +
                       std::string(environment.name));
    }
    const std::vector<double> values = read_numbers(path, entry.key(), *entry);
    if (dimension == 0) starts.states.resize(values.size() * size);
    if (values.empty() || values.size() * size != starts.states.size()) {
      throw UsageError(path.string() + ": '" + entry.key() + "' has " +
                       std::to_string(values.size()) +
                       " values; every state needs the same number of them, at least one");
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
      starts.states[i * size + dimension] = static_cast<float>(values[i]);
    }
  }
  if (json.contains(best_return_key)) {
    starts.best_returns = read_numbers(path, best_return_key, json[best_return_key]);
    if (starts.best_returns.size() != starts.count()) {
      throw UsageError(path.string() + ": '" + best_return_key + "' has " +
                       std::to_string(starts.best_returns.size()) + " values for " +
                       std::to_string(starts.count()) + " start states");
    }
  }
  return starts;
}

}  // namespace polyak
