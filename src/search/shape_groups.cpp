#include "search/shape_groups.hpp"

#include <algorithm>
#include <utility>

#include "config/derived.hpp"
#include "config/fields.hpp"

namespace polyak {
namespace {

/// The trial without that in which the agents of its population may differ.
Config shape_of(const Config& trial) {
  Config shape = trial;
  const Config plain;
  visit_field_members(trial, [&](const FieldInfo& field, auto member) {
    if (may_differ(field, trial)) shape.*member = plain.*member;
  });
  return shape;
}

}  // namespace

bool may_differ(const FieldInfo& field, const Config& config) {
  if (!field.per_agent) return false;
  const bool shares_lookahead = is_recurrent(config) && config.sequence_lookahead == 0;
  return !(shares_lookahead && field.name == field_name(&Config::n_step));
}

std::vector<std::vector<std::size_t>> shape_groups(std::span<const Config> trials) {
  std::vector<Config> shapes;
  std::vector<std::vector<std::size_t>> groups;
  for (std::size_t trial = 0; trial < trials.size(); ++trial) {
    Config shape = shape_of(trials[trial]);
    const auto known = std::find(shapes.begin(), shapes.end(), shape);
    const auto group = static_cast<std::size_t>(known - shapes.begin());
    if (known == shapes.end()) {
      shapes.push_back(std::move(shape));
      groups.emplace_back();
    }
    groups[group].push_back(trial);
  }
  return groups;
}

Config population_config(std::span<const Config> trials, std::span<const std::uint64_t> seeds) {
  Config population = trials.front();
  population.agents = static_cast<int>(trials.size() * seeds.size());
  visit_field_members(population, [&]<class T>(const FieldInfo&, T Config::*member) {
    if constexpr (is_per_agent<T>) {
      auto& values = (population.*member).values;
      values.clear();
      for (const Config& trial : trials)
        values.insert(values.end(), seeds.size(), (trial.*member)[0]);
    }
  });
  std::vector<std::uint64_t>& all_seeds = population.seed.values;
  all_seeds.clear();
  for (std::size_t trial = 0; trial < trials.size(); ++trial) {
    all_seeds.insert(all_seeds.end(), seeds.begin(), seeds.end());
  }
  return population;
}

}  // namespace polyak
