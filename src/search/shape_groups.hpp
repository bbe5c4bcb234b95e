// Which trials of a search may train in one population, and that population.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "config/field_info.hpp"
#include "polyak/config.hpp"

namespace polyak {

/// Whether the agents of a population like `config` may differ in the field: it has a value for
/// each agent. Not n-step where recurrent policies' sequences look as far ahead as the population's
/// longest: each agent's rounding depends on that.
bool may_differ(const FieldInfo& field, const Config& config);

/// The trials' indices, in order, in groups that are equal but for the fields in which the agents
/// of a population may differ; groups in the order of their first trials. The trials are
/// configurations of one agent each (configured()).
std::vector<std::vector<std::size_t>> shape_groups(std::span<const Config> trials);

/// The population in which every trial of a group is trained with every seed: agent
/// trial * seeds.size() + seed. Seeds and the fields in which the trials may differ are lists with
/// a value for each agent. At most 65,535 agents.
Config population_config(std::span<const Config> trials, std::span<const std::uint64_t> seeds);

}  // namespace polyak
