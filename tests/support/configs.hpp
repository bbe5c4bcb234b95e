// Small configurations for tests of whole training.
#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "agent/agent.hpp"
#include "config/fields.hpp"
#include "polyak/config.hpp"

namespace polyak::test {

/// A valid training that does everything within some ten iterations: warm-up, updates, episode ends
/// by the time limit, wrap-around of the replay. One thread on the CPU.
Config small_config();

/// Three agents that differ in seed, learning rates, discount, tau and noise.
Config small_population();

/// The same with every part of an update that the fused engine lacks, switched on for some agents
/// where agents may differ.
Config mixed_population();

/// Switches layer normalisation on, in layers of odd widths.
void normalise_layers(Config& config);

/// A training: a change of small_config(), and who can run it.
struct TrainingCase {
  std::string name;
  std::function<void(Config&)> change;
  Engines engines = not_fused;

  /// small_config(), changed and validated.
  Config config() const;
};
std::ostream& operator<<(std::ostream& out, const TrainingCase& training_case);

/// Names the instances of a suite by their cases.
inline constexpr auto case_name = [](const auto& instance) { return instance.param.name; };

/// Ways of exploring, or of drawing and preparing batches, that differ from the plain one in their
/// bits.
const std::vector<TrainingCase>& data_cases();

/// small_population() with agents that differ in these things too, where agents can.
Config mixed_data_population();

/// Every preset with narrow layers, small batches and short episodes; what it does is as in the
/// preset.
const std::vector<TrainingCase>& preset_cases();

/// Batch normalisation and all that goes with it. Adam's epsilon is
/// large in all of them: through normalisations of few rows some gradients are little more than
/// rounding errors, which Adam would make steps of.
const std::vector<TrainingCase>& batch_norm_cases();

/// mixed_population() with batch normalisation.
Config batch_norm_population();

/// Recurrent policies with everything that sequences meet: ends of episodes, of the replay and of
/// the newest row, burn-in, returns over several steps; of few and short sequences and odd
/// widths.
const std::vector<TrainingCase>& recurrent_cases();

/// small_population() with LSTMs, or GRUs, and agents that differ in what concerns sequences too.
Config recurrent_population(PolicyKind policy);

/// The part of `state` that belongs to one agent of `agents`.
TrainingState agent_part(const TrainingState& state, int agents, int agent);

/// Reports as test failures everything in which two states differ in a bit.
void expect_same_bits(const TrainingState& expected, const TrainingState& actual);

}  // namespace polyak::test
