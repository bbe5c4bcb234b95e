// Population based training: members that learn together, take over from the best and vary.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "search/search_run.hpp"
#include "trainer/schedule.hpp"

namespace polyak {

class PopulationSearch {
 public:
  explicit PopulationSearch(SearchRun& run) : run_(run) {}

  /// To the end of the members' training; false if it was stopped.
  bool search();

 private:
  void begin();
  std::unique_ptr<Trainer> waiting_population();
  bool train_until(std::int64_t steps);
  std::int64_t confirmation_steps() const;
  std::optional<std::vector<double>> scores();
  void select(std::int64_t step, const std::vector<double>& scores);
  Setting variation_of(const Setting& setting, std::uint64_t number) const;
  void finish(const std::vector<double>& scores);
  void save();

  SearchRun& run_;
  std::unique_ptr<Trainer> trainer_;
  std::int64_t saved_steps_ = -1;  // at which it was saved since the last selection; -1: it was not
};

/// What every member was told, and whom it took over from: [settings and seeds of the plan, then
/// each generation's].
Schedule schedule_of(const SearchPlan& plan, std::span<const Generation> generations);

/// The part of a schedule that agent `agent` became what it is by, as its agent 0: of everything
/// that it took over from others their past, until then.
Schedule lineage_of(const Schedule& schedule, int agent);

}  // namespace polyak
