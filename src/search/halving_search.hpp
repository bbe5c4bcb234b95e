// Trials that are trained together, compared at rungs, and fewer at each.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "search/search_run.hpp"

namespace polyak {

/// Successive halving of all trials together, asynchronous successive halving of one cohort after
/// another, or (with one rung) all trials to their end. Trials of one shape train as one population
/// or, where that would need more memory than there is, as several. All of them stay on the device
/// between two rungs as long as they have room side by side; otherwise they wait on the disk. None
/// of that touches their bits.
class HalvingSearch {
 public:
  explicit HalvingSearch(SearchRun& run) : run_(run) {}

  /// To the end; false if it was stopped. What has a score is not trained again.
  bool search();

 private:
  /// Trials that train in one population: as few of these as shapes and memory allow.
  struct Group {
    std::string name;
    std::vector<int> trials;
  };

  bool search_cohort(int first, int count, int number);
  void save_populations();
  std::vector<Group> groups_of(int first, int count, int cohort) const;
  bool score_group(const Group& group, const std::set<int>& alive, std::size_t rung);
  std::int64_t steps_before(std::size_t rung) const;
  TrialPopulation& population_of(const Group& group, const std::vector<int>& trials,
                                 std::size_t rung);
  std::unique_ptr<TrialPopulation> waiting_population(const Group& group,
                                                      const std::vector<int>& trials,
                                                      std::size_t rung) const;
  void make_room(const Config& config);
  void decide(int first, std::size_t rung, std::set<int>& alive);
  void set_stage(std::size_t rung, std::size_t alive, int first_of_cohort);

  SearchRun& run_;
  std::map<std::string, std::unique_ptr<TrialPopulation>> populations_;  // on the device
};

}  // namespace polyak
