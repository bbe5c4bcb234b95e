#include "support/reference_data.hpp"

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace polyak::test {
namespace {

nlohmann::json load(const std::string& file) {
  const std::string path = std::string(POLYAK_TEST_DATA) + "/" + file;
  std::ifstream stream(path);
  if (!stream) throw std::runtime_error("cannot open " + path);
  return nlohmann::json::parse(stream);
}

}  // namespace

std::vector<RecordedTrajectory> pendulum_trajectories() {
  std::vector<RecordedTrajectory> result;
  const nlohmann::json data = load("pendulum_v1_trajectories.json");
  for (const nlohmann::json& entry : data.at("trajectories")) {
    result.push_back({entry.at("name"), entry.at("theta"), entry.at("thetadot"), entry.at("torque"),
                      entry.at("reward"), entry.at("obs_f32"), entry.at("terminated"), true});
  }
  return result;
}

std::vector<RecordedTrajectory> mountain_car_trajectories() {
  std::vector<RecordedTrajectory> result;
  const nlohmann::json data = load("mountaincar_continuous_v0_trajectories.json");
  for (const nlohmann::json& entry : data.at("trajectories")) {
    result.push_back({entry.at("name"),
                      entry.at("position"),
                      entry.at("velocity"),
                      entry.at("action"),
                      entry.at("reward"),
                      {},
                      entry.at("terminated"),
                      entry.at("truncated")});
  }
  return result;
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
