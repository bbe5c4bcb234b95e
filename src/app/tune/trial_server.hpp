// What answers the questions of `polyak tune --ask-tell`: trains the trials that it is asked for.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "io/starts_file.hpp"
#include "polyak/config.hpp"
#include "search/trial_population.hpp"

namespace polyak {

class TrialServer {
 public:
  /// base: what all trials have in common; given: options of it that no trial's algorithm replaces;
  /// starts: from which scores are measured.
  TrialServer(const Config& base, std::vector<std::string> given, std::vector<std::uint64_t> seeds,
              Starts starts, const std::atomic<bool>& stop);

  /// The answer to a question of ask_tell.hpp; nothing if it was stopped. UsageError, with nothing
  /// changed, for a question that cannot be understood; with all trials forgotten for trials that
  /// do not fit into memory.
  std::optional<nlohmann::ordered_json> answer(const nlohmann::ordered_json& question);

  /// The trials' configurations and settings of the newest question that began any.
  const std::vector<Config>& configs() const { return configs_; }
  const std::vector<Setting>& settings() const { return settings_; }

 private:
  std::int64_t steps_of(const nlohmann::ordered_json& question) const;
  void begin(const nlohmann::ordered_json& trials);
  void make_populations();
  void require_places(std::size_t trials) const;
  void keep(const nlohmann::ordered_json& wanted);
  std::optional<nlohmann::ordered_json> train(std::int64_t steps);

  Config base_;
  std::vector<std::string> given_;
  std::vector<std::uint64_t> seeds_;
  Starts starts_;
  const std::atomic<bool>& stop_;
  std::vector<nlohmann::ordered_json> ids_;  // of the trials
  std::vector<Config> configs_;              // of the trials
  std::vector<Setting> settings_;            // of the trials
  std::vector<int> asked_;                   // in the order of the newest question
  std::int64_t steps_ = 0;                   // that it asked for
  std::vector<std::unique_ptr<TrialPopulation>> populations_;
};

}  // namespace polyak
