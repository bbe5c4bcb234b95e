#include "search/succession.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "polyak/core/philox.hpp"
#include "polyak/core/random.hpp"

namespace polyak {
namespace {

/// The members from `first` on, so many, the best first; of equal ones the first.
std::vector<int> ranked(std::span<const double> scores, int first, int count) {
  std::vector<int> members(static_cast<std::size_t>(count));
  std::iota(members.begin(), members.end(), first);
  const auto score = [&](int member) { return scores[static_cast<std::size_t>(member)]; };
  std::sort(members.begin(), members.end(), [&](int left, int right) {
    return score(left) != score(right) ? score(left) > score(right) : left < right;
  });
  return members;
}

void truncate(std::span<const double> scores, double quantile, std::int64_t steps,
              std::uint64_t seed, std::vector<Successor>& next) {
  const std::vector<int> ranking = ranked(scores, 0, static_cast<int>(scores.size()));
  const auto share =
      static_cast<std::size_t>(std::floor(quantile * static_cast<double>(scores.size()) + 1e-9));
  for (std::size_t rank = ranking.size() - share; rank < ranking.size(); ++rank) {
    const int member = ranking[rank];
    const auto bits = [&](std::uint32_t draw) {
      return PhiloxRandom{seed}(static_cast<std::uint32_t>(member),
                                static_cast<std::uint64_t>(steps), Purpose::search_parent, draw);
    };
    const std::uint64_t drawn = sample_accepted(share, bits, [](std::uint64_t) { return true; });
    const int parent = ranking[static_cast<std::size_t>(drawn)];
    next[static_cast<std::size_t>(member)] = {parent, parent, true};
  }
}

/// Parts of a population that select at their own frequencies.
class Parts {
 public:
  Parts(std::span<const double> scores, const std::vector<std::int64_t>& intervals)
      : scores_(scores),
        intervals_(intervals),
        size_(static_cast<int>(scores.size() / intervals.size())) {}

  void select(std::size_t part, std::vector<Successor>& next) const {
    const std::vector<int> ranking = ranked(scores_, static_cast<int>(part) * size_, size_);
    const std::size_t quarter = ranking.size() / 4;
    for (std::size_t i = 0; i < quarter; ++i) {
      const int parent = ranking[i];
      const int member = ranking[ranking.size() - quarter + i];
      next[static_cast<std::size_t>(member)] = {parent, parent, true};
    }
    std::vector<int> migrants = ranked(scores_, 0, static_cast<int>(scores_.size()));
    std::erase_if(migrants, [&](int member) { return part_of(member) == part; });
    for (std::size_t rank = 2 * quarter; rank < 3 * quarter && !migrants.empty(); ++rank) {
      const int member = ranking[rank], migrant = migrants.front();
      if (!(score(member) < score(migrant))) continue;
      next[static_cast<std::size_t>(member)] = {
          migrant, settings_of(member, migrant, ranking.front()), false};
      migrants.erase(migrants.begin());
    }
  }

 private:
  std::size_t part_of(int member) const {
    return std::min(static_cast<std::size_t>(member / size_), intervals_.size() - 1);
  }
  double score(int member) const { return scores_[static_cast<std::size_t>(member)]; }

  /// Settings that pay off soon must not come to those who look further ahead.
  int settings_of(int member, int migrant, int best) const {
    const std::int64_t own = intervals_[part_of(member)], other = intervals_[part_of(migrant)];
    return own < other ? migrant : own > other ? best : member;
  }

  std::span<const double> scores_;
  const std::vector<std::int64_t>& intervals_;
  int size_;  // members of each part
};

/// Nobody goes on with values that are not finite, and nobody takes over from such a member.
void replace_failed(std::span<const double> scores, std::vector<Successor>& next) {
  const auto failed = [&](int member) {
    return std::isinf(scores[static_cast<std::size_t>(member)]);
  };
  const int best = ranked(scores, 0, static_cast<int>(scores.size())).front();
  if (failed(best)) return;
  for (Successor& successor : next) {
    if (failed(successor.networks_from) || failed(successor.settings_from)) {
      successor = {best, best, true};
    }
  }
}

}  // namespace

std::vector<std::int64_t> selection_steps(const std::vector<std::int64_t>& intervals,
                                          std::int64_t first, std::int64_t total) {
  std::set<std::int64_t> steps;
  for (const std::int64_t interval : intervals) {
    const std::int64_t begin = std::max<std::int64_t>(1, (first + interval - 1) / interval);
    for (std::int64_t step = begin * interval; step < total; step += interval) steps.insert(step);
  }
  return {steps.begin(), steps.end()};
}

std::vector<Successor> successors(std::span<const double> scores, const PopulationOptions& options,
                                  const std::vector<std::int64_t>& intervals, std::int64_t steps,
                                  std::uint64_t seed) {
  std::vector<Successor> next;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const int member = static_cast<int>(i);
    next.push_back({member, member, false});
  }
  if (intervals.size() == 1) {
    truncate(scores, options.quantile, steps, seed, next);
  } else {
    const Parts parts(scores, intervals);
    for (std::size_t part = 0; part < intervals.size(); ++part) {
      if (steps % intervals[part] == 0) parts.select(part, next);
    }
  }
  replace_failed(scores, next);
  return next;
}

}  // namespace polyak
