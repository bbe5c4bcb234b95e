#include "support/reference_data.hpp"

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace polyak::test {
namespace {

/// Where the tests' data are, for programs that run elsewhere than they were built.
std::string data_folder() {
  const char* const folder = std::getenv("POLYAK_TEST_DATA");
  return folder != nullptr ? folder : POLYAK_TEST_DATA;
}

nlohmann::json load(const std::string& file) {
  const std::string path = data_folder() + "/" + file;
  std::ifstream stream(path);
  if (!stream) throw std::runtime_error("cannot open " + path);
  return nlohmann::json::parse(stream);
}

/// A file of trajectories and what its columns mean.
struct RecordedFile {
  std::string_view environment;
  std::string file;
  std::vector<std::string> state, action;  // a key for each dimension
  std::vector<double> state_tolerances;
  double reward_tolerance;
};

const std::vector<RecordedFile>& recorded_files() {
  static const std::vector<RecordedFile> files = {
      // The worst errors of a correctly rounded float32 step (6.9e-6, 2.1e-6, 4e-5), most of which
      // is the rounding of the recorded state: the angle is unwrapped, so its last digit is worth
      // up
      // to 4e-6.
      {"Pendulum-v1",
       "pendulum_v1_trajectories.json",
       {"theta", "thetadot"},
       {"torque"},
       {7e-6, 2.2e-6},
       4e-5},
      // Gymnasium rounds the state to float32 after every step, so a correct step differs by the
      // rounding of its few operations.
      {"MountainCarContinuous-v0",
       "mountaincar_continuous_v0_trajectories.json",
       {"position", "velocity"},
       {"action"},
       {2e-7, 2e-8},
       1e-5},
  };
  return files;
}

/// [steps, keys] of lists by key.
std::vector<std::vector<double>> columns(const nlohmann::json& entry,
                                         const std::vector<std::string>& keys) {
  std::vector<std::vector<double>> rows(entry.at(keys.front()).size());
  for (const std::string& key : keys) {
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i].push_back(entry.at(key).at(i));
  }
  return rows;
}

}  // namespace

Recordings recordings_of(std::string_view environment) {
  Recordings recordings;
  for (const RecordedFile& file : recorded_files()) {
    if (file.environment != environment) continue;
    recordings.state_tolerances = file.state_tolerances;
    recordings.reward_tolerance = file.reward_tolerance;
    const nlohmann::json data = load(file.file);
    for (const nlohmann::json& entry : data.at("trajectories")) {
      recordings.trajectories.push_back(
          {entry.at("name"), columns(entry, file.state), columns(entry, file.action),
           entry.at("reward"), entry.value("obs_f32", std::vector<std::vector<double>>{}),
           entry.at("terminated"), entry.value("truncated", entry.contains("truncated_at"))});
    }
  }
  return recordings;
}

ReferenceStarts pendulum_starts(std::size_t count) {
  const nlohmann::json data = load("pendulum_v1_starts.json");
  ReferenceStarts starts;
  for (std::size_t i = 0; i < count; ++i) {
    starts.states.push_back(data.at("theta").at(i).get<float>());
    starts.states.push_back(data.at("thetadot").at(i).get<float>());
    starts.best_returns.push_back(data.at("best_return").at(i).get<double>());
  }
  return starts;
}

}  // namespace polyak::test
