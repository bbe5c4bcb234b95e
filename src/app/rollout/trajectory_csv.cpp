#include "app/rollout/trajectory_csv.hpp"

#include <cstring>
#include <iterator>
#include <nlohmann/json.hpp>
#include <span>
#include <sstream>

#include "io/csv.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak {
namespace {

std::vector<std::string> state_columns(const EnvironmentInfo& environment,
                                       const std::string& prefix = "") {
  std::vector<std::string> names;
  for (const std::string_view name : environment.state_names) {
    names.push_back(prefix + std::string(name));
  }
  return names;
}

void append(std::vector<std::string>& names, const std::vector<std::string>& more) {
  names.insert(names.end(), more.begin(), more.end());
}

/// Entry `index` of an array of entries of `size` values.
std::span<const float> entry(const std::vector<float>& values, std::size_t index, int size) {
  const auto count = static_cast<std::size_t>(size);
  return std::span(values).subspan(index * count, count);
}

std::vector<float> observe(const std::string& environment, std::span<const float> state) {
  return visit_environment(environment, [&]<class E>() {
    typename E::State value;
    std::memcpy(&value, state.data(), sizeof value);
    std::vector<float> observation(E::observation_size);
    E::observe(value, observation.data());
    return observation;
  });
}

}  // namespace

TransitionInputs read_transitions(const std::filesystem::path& path,
                                  const EnvironmentInfo& environment) {
  std::vector<std::string> header = state_columns(environment);
  append(header, column_names("action", environment.action_size));
  const CsvTable table = read_csv(path, header);
  TransitionInputs inputs;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto begin = table.values.begin() + static_cast<std::ptrdiff_t>(row * header.size());
    const auto actions = begin + environment.state_size;
    inputs.states.insert(inputs.states.end(), begin, actions);
    inputs.actions.insert(inputs.actions.end(), actions, actions + environment.action_size);
  }
  return inputs;
}

std::string transitions_csv(const TransitionResult& result, const EnvironmentInfo& environment) {
  std::vector<std::string> header = state_columns(environment, "next_");
  append(header, {"reward", "terminated"});
  append(header, column_names("observation", environment.observation_size, true));
  std::string text = join_text(header, ",") + "\n";
  for (std::size_t i = 0; i < result.rewards.size(); ++i) {
    text += CsvLine()
                .add(entry(result.next_states, i, environment.state_size))
                .add(result.rewards[i])
                .add(static_cast<int>(result.terminated[i]))
                .add(entry(result.observations, i, environment.observation_size))
                .str();
  }
  return text;
}

std::string trajectories_csv(const Trajectories& trajectories, const std::string& environment,
                             int time_limit) {
  const EnvironmentInfo info = find_environment(environment);
  std::vector<std::string> header = {"episode", "step"};
  append(header, state_columns(info));
  append(header, column_names("observation", info.observation_size, true));
  append(header, column_names("action", info.action_size));
  append(header, {"reward", "terminated"});
  std::string text = join_text(header, ",") + "\n";
  const auto limit = static_cast<std::size_t>(time_limit);
  for (std::size_t episode = 0; episode < trajectories.lengths.size(); ++episode) {
    const auto length = static_cast<std::size_t>(trajectories.lengths[episode]);
    for (std::size_t step = 0; step < length; ++step) {
      const std::size_t transition = episode * limit + step;
      const std::span<const float> state =
          entry(trajectories.states, episode * (limit + 1) + step, info.state_size);
      const bool terminated = trajectories.terminated[episode] != 0 && step + 1 == length;
      text += CsvLine()
                  .add(episode)
                  .add(step)
                  .add(state)
                  .add(std::span<const float>(observe(environment, state)))
                  .add(entry(trajectories.actions, transition, info.action_size))
                  .add(trajectories.rewards[transition])
                  .add(static_cast<int>(terminated))
                  .str();
    }
  }
  return text;
}

nlohmann::ordered_json csv_as_json(const std::string& csv) {
  std::istringstream lines(csv);
  std::string line;
  std::getline(lines, line);
  nlohmann::ordered_json json = {{"columns", split_text(line, ',')},
                                 {"rows", nlohmann::ordered_json::array()}};
  // Numbers all of them, which CSV and JSON write alike.
  while (std::getline(lines, line)) {
    json["rows"].push_back(nlohmann::ordered_json::parse("[" + line + "]"));
  }
  return json;
}

}  // namespace polyak
