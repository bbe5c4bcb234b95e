// What the figures of a search are made from: its tables, put in order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/drawing/axis.hpp"
#include "app/output/format.hpp"
#include "search/score_intervals.hpp"
#include "search/search_record.hpp"

namespace polyak {

/// What its trials are, and what they have.
struct SearchWords {
  std::string trial, setting;
};
inline SearchWords words_of(const SearchRecord& record) {
  if (record.is_population()) return {"member", "schedule"};
  return {"trial", "setting"};
}

/// A field in which trials differ.
struct SearchedField {
  std::string name;            // as an option, without dashes
  Axis axis;                   // of few values: choices
  bool is_ordered;             // numbers, or two choices: it has a rank correlation
  std::vector<double> values;  // [trials], the choice's number; NaN where a condition is not met

  bool has_choices() const { return !axis.choices.empty(); }
};

/// The trials at one rung.
struct RungScores {
  std::int64_t rung, environment_steps;
  std::vector<double> scores;  // [trials], NaN of those without one
  std::vector<bool> kept;      // [trials], those that went on
  std::vector<bool> failed;    // [trials], those that have been there and have no score
  std::size_t count;           // of scores
  bool is_decided;             // whether it is known of all that have a score
};

struct SearchData {
  const SearchRecord& record;
  std::vector<SearchedField> fields;
  std::vector<RungScores> rungs;  // from the lowest; at least one
  std::optional<std::size_t>
      high_rung;                   // the highest with enough trials to compare, above the lowest
  std::vector<std::size_t> order;  // trials: by the rung that they reached, then by score
  std::size_t winner;              // the trial that was confirmed as the best, or the first
  Axis score_axis;                 // without what is far below the others
};

/// record: with at least one trial; it must live as long.
SearchData search_data(const SearchRecord& record);

/// Scores for comparing trials at a rung of data.rungs: minus infinity of those that failed on the
/// way there.
std::vector<double> comparable_scores(const SearchData& data, std::size_t rung);

/// An axis of scores that has no room for those far below the others.
Axis score_axis(const std::vector<double>& scores);

/// An axis of a field's numbers, logarithmic where the space says so or they span decades.
Axis number_axis(const SearchRecord& record, const std::string& field,
                 const std::vector<double>& numbers, double space);

/// How many trials have failed.
std::size_t failed_trials(const SearchRecord& record);

/// A value of the field where its dots and lines are: beside a choice's place, each trial a little
/// elsewhere.
double shown_value(const SearchedField& field, std::size_t trial);

/// "tau 0.01, algorithm td3": what has effect.
std::string settings_text(const std::vector<std::string>& fields,
                          const std::vector<std::string>& settings);

/// "-148.2 (-153.0 to -143.4)", or without the interval where there is none.
std::string score_text(double score, const ConfidenceInterval& interval);

/// "0.61 (0.42 to 0.75)".
std::string correlation_text(double coefficient, double low, double high);

/// "rung 1 (2,000 steps)".
std::string rung_name(const RungScores& rung);

}  // namespace polyak
