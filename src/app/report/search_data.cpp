#include "app/report/search_data.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "app/output/format.hpp"
#include "app/output/report.hpp"
#include "io/text_value.hpp"
#include "trainer/evaluation.hpp"

namespace polyak {
namespace {

constexpr double no_value = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t enough_trials = 20;  // at a rung, to compare them there
constexpr std::size_t max_choices = 8;

/// "64,64" before "256,256", "false" before "true".
bool comes_before(const std::string& a, const std::string& b) {
  const double first = std::strtod(a.c_str(), nullptr), second = std::strtod(b.c_str(), nullptr);
  return first != second ? first < second : a < b;
}

/// Whether the values are so many times apart that equal factors tell them better apart than equal
/// steps.
bool spans_factor(const std::vector<double>& values, double factor) {
  double low = std::numeric_limits<double>::infinity(), high = 0.0;
  for (const double value : values) {
    if (std::isnan(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  return low > 0.0 && high >= factor * low;
}

/// The range that the space has for a field, if that is known.
const SpaceRange* range_of(const SearchRecord& record, const std::string& name) {
  if (!record.space) return nullptr;
  const std::vector<SpaceField>& fields = record.space->fields;
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&](const SpaceField& field) { return field.name == name; });
  return found != fields.end() && found->range ? &*found->range : nullptr;
}

/// Numbers along an axis; `present` of them, of which so many differ.
bool is_range(const SearchRecord& record, const std::string& name, std::size_t present,
              std::size_t distinct) {
  if (record.space) return range_of(record, name) != nullptr;
  return distinct > max_choices || present < 5 * distinct;
}

/// The field's value in each trial; nothing if it never differs.
std::optional<SearchedField> field_of(const SearchRecord& record, std::size_t field) {
  const std::string& name = record.fields[field];
  std::set<std::string> distinct;
  std::size_t present = 0;
  bool all_numbers = true;
  std::vector<double> numbers;
  for (const TrialRecord& trial : record.trials) {
    const std::string& text = trial.settings[field];
    const std::optional<double> number = parse_number<double>(text);
    numbers.push_back(number && std::isfinite(*number) ? *number : no_value);
    if (text.empty()) continue;
    ++present;
    distinct.insert(text);
    all_numbers = all_numbers && !std::isnan(numbers.back());
  }
  if (distinct.size() < 2) return {};
  SearchedField result{name, {}, all_numbers || distinct.size() == 2, {}};
  if (all_numbers && is_range(record, name, present, distinct.size())) {
    result.axis = number_axis(record, name, numbers, 0.0);
    result.values = std::move(numbers);
    return result;
  }
  std::vector<std::string> choices(distinct.begin(), distinct.end());
  std::sort(choices.begin(), choices.end(), comes_before);
  for (const TrialRecord& trial : record.trials) {
    const auto found = std::find(choices.begin(), choices.end(), trial.settings[field]);
    result.values.push_back(found == choices.end() ? no_value
                                                   : static_cast<double>(found - choices.begin()));
  }
  for (std::string& choice : choices) choice = format_setting(choice);
  result.axis = choice_axis(std::move(choices));
  return result;
}

RungScores empty_rung(std::int64_t rung, std::int64_t steps, std::size_t trials) {
  const std::vector<bool> none(trials, false);
  return {rung, steps, std::vector<double>(trials, no_value), none, none, 0, true};
}

std::vector<RungScores> rungs_of(const SearchRecord& record) {
  const std::size_t trials = record.trials.size();
  std::map<std::int64_t, RungScores> rungs;
  for (const RungRecord& row : record.rungs) {
    auto place = rungs.find(row.rung);
    if (place == rungs.end()) {
      place = rungs.emplace(row.rung, empty_rung(row.rung, row.environment_steps, trials)).first;
    }
    RungScores& rung = place->second;
    if (std::isnan(rung.scores[row.trial]) && !std::isnan(row.score.mean)) ++rung.count;
    rung.scores[row.trial] = row.score.mean;
    rung.kept[row.trial] = row.kept.value_or(false);
    rung.failed[row.trial] = std::isnan(row.score.mean);
    rung.is_decided = rung.is_decided && (row.kept || std::isnan(row.score.mean));
  }
  std::vector<RungScores> result;
  for (auto& [number, rung] : rungs) result.push_back(std::move(rung));
  if (!result.empty()) return result;
  // A search without rungs has compared its trials where they ended.
  RungScores& only = result.emplace_back(empty_rung(0, 0, trials));
  for (std::size_t i = 0; i < trials; ++i) {
    only.environment_steps = std::max(only.environment_steps, record.trials[i].environment_steps);
    only.scores[i] = record.trials[i].score.mean;
    only.count += std::isnan(only.scores[i]) ? 0 : 1;
    only.failed[i] = record.trials[i].status == TrialStatus::failed;
  }
  return result;
}

Axis axis_of_scores(const std::vector<RungScores>& rungs) {
  std::vector<double> scores;
  for (const RungScores& rung : rungs) {
    scores.insert(scores.end(), rung.scores.begin(), rung.scores.end());
  }
  return score_axis(scores);
}

}  // namespace

SearchData search_data(const SearchRecord& record) {
  SearchData data{record, {}, rungs_of(record), {}, ranked_trials(record), 0, {}};
  for (std::size_t field = 0; field < record.fields.size(); ++field) {
    std::optional<SearchedField> searched = field_of(record, field);
    if (searched) data.fields.push_back(*std::move(searched));
  }
  for (std::size_t rung = 1; rung < data.rungs.size(); ++rung) {
    if (data.rungs[rung].count >= enough_trials) data.high_rung = rung;
  }
  data.winner =
      record.confirmations.empty() ? data.order.front() : record.confirmations.front().trial;
  data.score_axis = axis_of_scores(data.rungs);
  return data;
}

std::vector<double> comparable_scores(const SearchData& data, std::size_t rung) {
  std::vector<double> scores = data.rungs[rung].scores;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (data.rungs[rung].failed[i]) scores[i] = -std::numeric_limits<double>::infinity();
  }
  return scores;
}

Axis score_axis(const std::vector<double>& scores) {
  std::vector<double> present;
  for (const double score : scores) {
    if (!std::isnan(score)) present.push_back(score);
  }
  if (present.empty()) return {};
  // Not more than four times as far below the median as the best is above it: what has diverged
  // would leave no room for the rest.
  const double middle = median(present);
  const auto [worst, best] = std::minmax_element(present.begin(), present.end());
  const double low = *best > middle ? std::max(*worst, middle - 4.0 * (*best - middle)) : *worst;
  const std::vector<double> ends = {low, *best};
  return value_axis(ends, false, 0.03);
}

Axis number_axis(const SearchRecord& record, const std::string& field,
                 const std::vector<double>& numbers, double space) {
  constexpr double decades = 100.0;
  const SpaceRange* const range = range_of(record, field);
  const bool is_logarithmic = range != nullptr && range->scale == RangeScale::logarithmic;
  return value_axis(numbers, spans_factor(numbers, is_logarithmic ? 1.0 : decades), space);
}

std::size_t failed_trials(const SearchRecord& record) {
  return static_cast<std::size_t>(
      std::count_if(record.trials.begin(), record.trials.end(),
                    [](const TrialRecord& trial) { return trial.status == TrialStatus::failed; }));
}

double shown_value(const SearchedField& field, std::size_t trial) {
  if (!field.has_choices()) return field.values[trial];
  constexpr double golden = 0.6180339887498949;  // its multiples fill a range evenly
  const double place = golden * static_cast<double>(trial);
  return field.values[trial] + 0.56 * (place - std::floor(place) - 0.5);
}

std::string settings_text(const std::vector<std::string>& fields,
                          const std::vector<std::string>& settings) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < settings.size(); ++i) {
    if (!settings[i].empty()) parts.push_back(fields[i] + " " + format_setting(settings[i]));
  }
  return join_text(parts, ", ");
}

std::string score_text(double score, const ConfidenceInterval& interval) {
  if (!std::isfinite(interval.low)) return score_text(score);
  return score_text(score) + " (" + score_text_like(interval.low, score) + " to " +
         score_text_like(interval.high, score) + ")";
}

std::string correlation_text(double coefficient, double low, double high) {
  std::string text = format_fixed(coefficient, 2);
  if (std::isfinite(low))
    text += " (" + format_fixed(low, 2) + " to " + format_fixed(high, 2) + ")";
  return text;
}

std::string rung_name(const RungScores& rung) {
  return "rung " + std::to_string(rung.rung) + " (" +
         format_quantity(static_cast<double>(rung.environment_steps)) + " steps)";
}

}  // namespace polyak
