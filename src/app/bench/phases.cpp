#include "app/bench/phases.hpp"

#include <algorithm>
#include <chrono>

#include "config/derived.hpp"
#include "polyak/core/error.hpp"
#include "trainer/evaluation.hpp"

namespace polyak {
namespace {

double seconds_of(Backend& backend, Phase phase, std::int64_t calls) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start = Clock::now();
  backend.run_phase(phase, calls);
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// The number of calls that lasts about `seconds`; finding it warms up caches and clocks.
std::int64_t calls_lasting(Backend& backend, Phase phase, double seconds) {
  for (std::int64_t calls = 1;; calls *= 2) {
    const double measured = seconds_of(backend, phase, calls);
    if (measured < 0.5 * seconds) continue;
    const double scaled = static_cast<double>(calls) * seconds / measured;
    return std::max<std::int64_t>(1, static_cast<std::int64_t>(scaled));
  }
}

}  // namespace

double RateSamples::median() const { return polyak::median(per_second); }

double RateSamples::lowest() const {
  return *std::min_element(per_second.begin(), per_second.end());
}

double RateSamples::highest() const {
  return *std::max_element(per_second.begin(), per_second.end());
}

std::vector<PhaseQuantity> phase_quantities(const Config& config) {
  const DerivedConfig derived = derive(config);
  const std::int64_t agents = config.agents;
  const std::int64_t environments = agents * config.environments;
  return {
      {Phase::environment_step, "environment-step", "environment step", "environment steps",
       environments},
      {Phase::act, "act", "act", "actions", environments},
      {Phase::vector_step, "vector-step", "act, step, store", "stored transitions", environments},
      {Phase::sample, "sample", "sample", "sampled transitions", agents * config.batch_size},
      {Phase::update, "update", "sample, update", "updates", agents},
      {Phase::iteration, "iteration", "whole training", "environment steps",
       agents * derived.steps_per_iteration},
      {Phase::iteration, "iteration", "whole training", "updates",
       agents * derived.updates_per_iteration},
  };
}

std::vector<Phase> parse_phases(std::span<const std::string> words) {
  const std::vector<PhaseQuantity> known = phase_quantities(Config{});
  std::vector<Phase> phases;
  std::string all_words;
  for (const PhaseQuantity& what : known) {
    if (words.empty()) phases.push_back(what.phase);
    if (all_words.ends_with(what.word)) continue;  // a phase counted in two units
    all_words += (all_words.empty() ? "" : ", ") + std::string(what.word);
  }
  for (const std::string& word : words) {
    const auto found = std::find_if(known.begin(), known.end(),
                                    [&](const auto& what) { return what.word == word; });
    if (found == known.end()) {
      throw UsageError("--phases: '" + word + "' is no phase; the phases are " + all_words);
    }
    if (std::find(phases.begin(), phases.end(), found->phase) != phases.end()) {
      throw UsageError("--phases: '" + word + "' is there twice");
    }
    phases.push_back(found->phase);
  }
  return phases;
}

std::vector<PhaseRate> measure_phases(Backend& backend, const Config& config,
                                      std::span<const Phase> phases,
                                      const MeasureOptions& options) {
  const DerivedConfig derived = derive(config);
  backend.advance(std::max(derived.warmup_iterations, derived.first_update_iteration) + 1);
  backend.metrics();  // waits

  std::vector<PhaseRate> rates;
  for (const PhaseQuantity& what : phase_quantities(config)) {
    if (std::find(phases.begin(), phases.end(), what.phase) == phases.end()) continue;
    if (!backend.has_phase(what.phase)) continue;
    if (!rates.empty() && rates.back().what.phase == what.phase) {
      // The same calls counted in another unit.
      PhaseRate rate = rates.back();
      const double factor =
          static_cast<double>(what.per_call) / static_cast<double>(rate.what.per_call);
      for (double& value : rate.rate.per_second) value *= factor;
      rate.what = what;
      rates.push_back(rate);
      continue;
    }
    PhaseRate rate{what, calls_lasting(backend, what.phase, options.seconds), {}};
    const double counted =
        static_cast<double>(rate.calls_per_repetition) * static_cast<double>(what.per_call);
    for (int i = 0; i < options.repetitions; ++i) {
      const double seconds = seconds_of(backend, what.phase, rate.calls_per_repetition);
      rate.rate.per_second.push_back(counted / seconds);
    }
    rates.push_back(rate);
  }
  return rates;
}

}  // namespace polyak
