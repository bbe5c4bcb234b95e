#include "app/report/lineage.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

namespace polyak {

std::vector<std::size_t> ancestry_of(std::int64_t member, std::span<const GenerationRecord> rows) {
  std::map<std::pair<std::int64_t, std::int64_t>, std::size_t> places;  // by generation and member
  std::int64_t last = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    places.emplace(std::pair(rows[i].generation, rows[i].member), i);
    last = std::max(last, rows[i].generation);
  }
  std::optional<std::size_t> best;
  if (const auto place = places.find({last, member}); place != places.end()) best = place->second;
  for (const auto& [place, index] : places) {
    const bool is_named = best && rows[*best].member == member;
    if (is_named || place.first != last || std::isnan(rows[index].score)) continue;
    if (!best || rows[index].score > rows[*best].score) best = index;
  }
  std::vector<std::size_t> ancestry;
  while (best) {
    ancestry.push_back(*best);
    const GenerationRecord& row = rows[*best];
    const auto before = places.find({row.generation - 1, row.member});
    if (before == places.end()) break;
    // What it has learned at the end of that generation, or another's at that time.
    const std::int64_t source = rows[before->second].copied_from;
    const auto parent = source < 0 ? before : places.find({row.generation - 1, source});
    best = parent == places.end() ? std::nullopt : std::optional(parent->second);
  }
  std::reverse(ancestry.begin(), ancestry.end());
  return ancestry;
}

}  // namespace polyak
