#include "io/starts_file.hpp"

#include <algorithm>
#include <string>

#include "io/parse_json.hpp"
#include "io/read_file.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

constexpr std::uint64_t largest_file = std::uint64_t{64} << 20;
constexpr std::size_t max_starts = 2'000'000;
constexpr const char* best_return_key = "best_return";
constexpr const char* description_key = "meta";  // anything, for people

std::string without_underscores(std::string_view name) {
  std::string result(name);
  std::erase(result, '_');
  return result;
}

/// The list of a state's values. Two keys that differ only in underscores would be a guess.
NumberLists::const_iterator find_state(const NumberLists& lists, const std::string& file,
                                       const std::string& name) {
  auto found = lists.end();
  for (auto entry = lists.begin(); entry != lists.end(); ++entry) {
    if (without_underscores(entry->first) != without_underscores(name)) continue;
    if (found != lists.end()) {
      throw UsageError(file + ": '" + found->first + "' and '" + entry->first +
                       "' both name the state " + name);
    }
    found = entry;
  }
  return found;
}

/// A misspelt name would be a list that nobody looks at.
void refuse_unknown_keys(const NumberLists& lists, const std::string& file,
                         const EnvironmentInfo& environment) {
  for (const auto& [key, values] : lists) {
    const std::string plain = without_underscores(key);
    const bool is_state = std::any_of(
        environment.state_names.begin(), environment.state_names.end(),
        [&](std::string_view name) { return without_underscores(std::string(name)) == plain; });
    if (is_state || key == best_return_key) continue;
    throw UsageError(file + ": '" + key + "' is no state of " + std::string(environment.name) +
                     ", nor '" + std::string(best_return_key) + "' or '" +
                     std::string(description_key) + "'");
  }
}

}  // namespace

Starts first_starts(Starts starts, std::size_t count) {
  starts.states.resize(count * static_cast<std::size_t>(starts.state_size));
  if (!starts.best_returns.empty()) starts.best_returns.resize(count);
  return starts;
}

Starts read_starts(const std::filesystem::path& path, const EnvironmentInfo& environment) {
  return parse_starts(read_whole_file(path, largest_file), path.string(), environment);
}

Starts parse_starts(std::string_view text, const std::string& file,
                    const EnvironmentInfo& environment) {
  const auto size = static_cast<std::size_t>(environment.state_size);
  const NumberLists lists =
      parse_number_lists(text, file, description_key, max_starts * (size + 1));
  Starts starts{environment.state_size, {}, {}};
  for (std::size_t dimension = 0; dimension < size; ++dimension) {
    const std::string name(environment.state_names[dimension]);
    const auto entry = find_state(lists, file, name);
    if (entry == lists.end()) {
      throw UsageError(file + ": lacks '" + name + "', a state of " +
                       std::string(environment.name));
    }
    const std::vector<double>& values = entry->second;
    if (dimension == 0) starts.states.resize(values.size() * size);
    if (values.empty() || values.size() * size != starts.states.size()) {
      throw UsageError(file + ": '" + entry->first + "' has " + std::to_string(values.size()) +
                       " values; every state needs the same number of them, at least one");
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
      starts.states[i * size + dimension] = static_cast<float>(values[i]);
    }
  }
  refuse_unknown_keys(lists, file, environment);
  if (const auto best = lists.find(best_return_key); best != lists.end()) {
    starts.best_returns = best->second;
    if (starts.best_returns.size() != starts.count()) {
      throw UsageError(file + ": '" + best_return_key + "' has " +
                       std::to_string(starts.best_returns.size()) + " values for " +
                       std::to_string(starts.count()) + " start states");
    }
  }
  return starts;
}

}  // namespace polyak
