// Recurrent policies and their sequences: what does not fit together is refused.
#include <algorithm>

#include "config/checks.hpp"
#include "config/derived.hpp"

namespace polyak {
namespace {

/// A feed-forward policy has neither cells nor sequences.
void refuse_without_recurrence(const Config& config) {
  const Config plain;
  constexpr const char* why = "has no effect with a feed-forward policy; use --policy lstm or gru";
  if (config.recurrent_units != plain.recurrent_units) refuse("recurrent-units", why);
  if (config.sequence_length != plain.sequence_length) refuse("sequence-length", why);
  if (config.burn_in != plain.burn_in) refuse("burn-in", why);
  if (config.sequence_start != plain.sequence_start) refuse("sequence-start", why);
  if (config.sequence_lookahead != plain.sequence_lookahead) refuse("sequence-lookahead", why);
}

}  // namespace

void check_sequences(const Config& config) {
  if (!is_recurrent(config)) return refuse_without_recurrence(config);
  const int time_limit = derive(config).time_limit;
  if (config.sequence_length > time_limit) {
    refuse("sequence-length", std::to_string(config.sequence_length) +
                                  " transitions are longer than the longest episode of " +
                                  std::to_string(time_limit) +
                                  "; use at most that, or 0 for whole episodes");
  }
  if (config.sequence_length == 0 && config.burn_in > 0) {
    refuse("burn-in",
           "whole episodes need none: the recurrent state at their start is known; leave it out, "
           "or give a --sequence-length");
  }
  if (config.sequence_length == 0 && config.sequence_start == SequenceStart::stored) {
    refuse("sequence-start",
           "whole episodes start from zero, which is their state; leave it out, or give a "
           "--sequence-length");
  }
  if (config.sequence_length > 0 && config.burn_in >= config.sequence_length) {
    refuse("burn-in", std::to_string(config.burn_in) +
                          " transitions leave nothing to learn from of sequences of " +
                          std::to_string(config.sequence_length) + "; use fewer");
  }
  if (config.sampling == Sampling::without_replacement) {
    refuse("sampling",
           "without-replacement is for single transitions, and a recurrent policy learns from "
           "sequences, which may overlap; use with-replacement");
  }
  const std::vector<int>& steps = config.n_step.values;
  const int longest = *std::max_element(steps.begin(), steps.end());
  if (config.sequence_lookahead > 0 && config.sequence_lookahead < longest) {
    refuse("sequence-lookahead", std::to_string(config.sequence_lookahead) +
                                     " is less than the longest --n-step " +
                                     std::to_string(longest) + "; use at least that, or 0");
  }
  constexpr std::int64_t max_transitions = std::int64_t{1} << 28;
  const SequenceSettings sequences = sequence_settings(config);
  const std::int64_t rows = std::int64_t{config.batch_size} * sequences.steps();
  if (rows > max_transitions) {
    refuse("batch-size", std::to_string(config.batch_size) + " sequences of " +
                             std::to_string(sequences.steps()) + " steps are " +
                             std::to_string(rows) + " rows; use at most " +
                             std::to_string(max_transitions));
  }
}

}  // namespace polyak
