// Which changes of a population are changes of the same training.
#pragma once

#include <span>
#include <vector>

#include "polyak/config.hpp"
#include "polyak/population.hpp"
#include "polyak/trainer.hpp"

namespace polyak {

/// Whom agent i of the population that goes on was before: [changed.agents]. UsageError as of
/// Trainer::change_population.
std::vector<int> sources_after(std::span<const AgentCopy> copies, const Config& config,
                               const Config& changed, std::span<const Divergence> divergences);

/// The population's configuration with the agents of these numbers only, in their order: a value
/// for each of every field that may differ between agents.
Config with_agents(const Config& population, std::span<const int> agents);

/// The copies after which a population of `agents` has those of `kept` first, in some order, and
/// may lose the others: only those that lie behind the first kept.size() places move.
/// kept: agents, each once. The order in which they lie afterwards goes to `order`:
/// [kept.size()], old numbers.
std::vector<AgentCopy> copies_to_the_front(std::span<const int> kept, std::vector<int>& order);

}  // namespace polyak
