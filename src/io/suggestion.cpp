#include "io/suggestion.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "io/synonyms.hpp"
#include "io/text_value.hpp"

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

/// 'a' or 'b'.
std::string alternatives(std::span<const std::string> words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "'" : " or '") + word + "'";
  return text;
}

/// The options of a synonym that `known` has, written as its words are, with their values.
std::vector<std::string> known_options(const Synonym& synonym, std::span<const std::string> known) {
  std::vector<std::string> options;
  if (synonym.options.empty()) return options;
  for (const std::string& option : split_text(synonym.options, ' ')) {
    const std::string name = option.substr(0, option.find('='));
    for (const std::string& candidate : known) {
      if (candidate != name && candidate != "--" + name) continue;
      std::string words = candidate + option.substr(name.size());
      if (candidate != name) std::replace(words.begin(), words.end(), '=', ' ');
      options.push_back(words);
    }
  }
  return options;
}

std::vector<std::string> nearest_words(std::string_view word, std::span<const std::string> known) {
  // How far a name is; of two that the word begins, the longer one is farther.
  using Distance = std::pair<std::size_t, std::size_t>;
  constexpr std::size_t any_size = std::numeric_limits<std::size_t>::max();
  Distance smallest = {std::max<std::size_t>(2, word.size() / 3), any_size};
  std::vector<std::string> nearest;
  for (const std::string& candidate : known) {
    // The beginning of a long name counts as near: --replay for --replay-capacity.
    const bool begins = word.size() >= 4 && candidate.starts_with(word);
    const Distance distance =
        begins ? Distance{1, candidate.size()} : Distance{edit_distance(word, candidate), 0};
    if (distance < smallest) {
      smallest = distance;
      nearest.clear();
    }
    if (distance == smallest) nearest.push_back(candidate);
  }
  return nearest;
}

}  // namespace

std::string did_you_mean(std::string_view word, std::span<const std::string> known) {
  if (const Synonym* const synonym = find_synonym(word)) {
    const std::vector<std::string> options = known_options(*synonym, known);
    const std::string remark(synonym->remark);
    if (synonym->options.empty()) return "; " + remark;
    if (!options.empty()) {
      return "; did you mean " + alternatives(options) + "?" +
             (remark.empty() ? "" : " (" + remark + ")");
    }
  }
  const std::vector<std::string> nearest = nearest_words(word, known);
  return nearest.empty() ? "" : "; did you mean " + alternatives(nearest) + "?";
}

}  // namespace polyak
