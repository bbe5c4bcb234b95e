#include "app/suggestion.hpp"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace polyak {
namespace {

/// The number of single-letter insertions, deletions and replacements from one word to the other
/// (Levenshtein 1966).
std::size_t edit_distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= from.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string did_you_mean(std::string_view word, std::span<const std::string> known) {
  // How far a name is; of two that the word begins, the longer one is farther.
  using Distance = std::pair<std::size_t, std::size_t>;
  Distance smallest = {std::max<std::size_t>(2, word.size() / 3) + 1, 0};
  std::vector<std::string_view> nearest;
  for (const std::string& candidate : known) {
    // The beginning of a long name counts as near: --batch for --batch-size.
    const bool begins = word.size() >= 4 && candidate.starts_with(word);
    const Distance distance =
        begins ? Distance{1, candidate.size()} : Distance{edit_distance(word, candidate), 0};
    if (distance < smallest) {
      smallest = distance;
      nearest.clear();
    }
    if (distance == smallest) nearest.push_back(candidate);
  }
  std::string names;
  for (const std::string_view name : nearest) {
    names += (names.empty() ? "'" : " or '") + std::string(name) + "'";
  }
  return names.empty() ? "" : "; did you mean " + names + "?";
}

}  // namespace polyak
