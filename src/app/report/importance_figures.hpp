// What mattered in a search: rank correlations and main effects.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "app/report/search_data.hpp"
#include "search/rank_correlation.hpp"

namespace polyak {

/// How much a field goes with the score.
struct FieldImportance {
  std::size_t field;     // of SearchData::fields
  RankCorrelation low;   // at the lowest rung; NaN for choices without an order
  RankCorrelation high;  // among the trials at the high rung; NaN without one
};

/// All fields: from the strongest correlation at the lowest rung to the weakest, then those
/// without.
std::vector<FieldImportance> importances(const SearchData& data);

/// Rank correlations as a chart and in words.
std::string correlation_figure(const SearchData& data);

/// The mean score in each quarter of a field's values, or with each choice, as a chart.
std::string effects_figure(const SearchData& data);

/// The same as numbers.
std::string effects_table(const SearchData& data);

}  // namespace polyak
