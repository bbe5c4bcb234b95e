// The options that `evaluate` and `rollout` share: which policy, where, from which starts.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "backend/backend.hpp"
#include "io/starts_file.hpp"
#include "polyak/policy.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace polyak {

/// The environment of a policy as it was trained. UsageError, with the name of the policy's file,
/// if this program does not know it, or if the policy is not for it.
SimulatorConfig trained_environment(const Policy& policy, const std::string& file);

/// Must live as long as the subcommand that it adds its options to.
class SimulationOptions {
 public:
  /// default_episodes: how many episodes run without --episodes.
  SimulationOptions(CLI::App& command, std::int64_t default_episodes);

  /// Where `option` of the command is given there are no episodes: none of their options may be.
  static void refuse_episodes_beside(CLI::App& command, CLI::Option& option);

  /// Whether start states come from a file.
  bool has_starts_file() const { return !starts_.empty(); }
  std::uint64_t seed() const { return seed_; }

  /// The environment of a policy as it was trained, changed by --environment-parameter and
  /// --time-limit. UsageError if an option does not fit, and, with the name of the policy's file,
  /// if this program does not know the environment.
  SimulatorConfig simulator_config(const Policy& policy, const std::string& file) const;

  /// An environment with its own constants, changed likewise.
  SimulatorConfig simulator_config(const std::string& environment) const;

  std::unique_ptr<Simulator> make(const SimulatorConfig& config) const;

  /// From --starts, or --episodes of them drawn with --seed.
  Starts starts(const SimulatorConfig& config) const;

 private:
  void apply_overrides(SimulatorConfig& config) const;

  std::string device_ = "auto";
  int threads_ = 0;
  int time_limit_ = 0;
  std::vector<std::string> environment_parameters_;
  std::int64_t episodes_;
  std::uint64_t seed_ = 0;
  std::string starts_;
};

}  // namespace polyak
