#include "trainer/population_change.hpp"

#include <algorithm>
#include <numeric>
#include <set>
#include <string>

#include "config/derived.hpp"
#include "config/fields.hpp"
#include "io/text_value.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

/// UsageError for a field that is the whole population's.
void require_same_training(const Config& config, const Config& changed) {
  if (changed.agents > config.agents) {
    throw UsageError("--agents " + std::to_string(changed.agents) +
                     ": a population that goes on has at most the " +
                     std::to_string(config.agents) + " agents that it had");
  }
  std::vector<std::vector<std::string>> before;
  visit_fields(config,
               [&](const FieldInfo&, const auto& value) { before.push_back(field_texts(value)); });
  std::size_t row = 0;
  visit_fields(changed, [&](const FieldInfo& field, const auto& value) {
    const std::vector<std::string>& old = before[row++];
    if (field.per_agent || field.name == field_name(&Config::agents)) return;
    if (field_texts(value) == old) return;
    throw UsageError("--" + std::string(field.name) +
                     ": cannot change in a training that goes on; so far it was " +
                     (old.empty() ? "nothing" : join_text(old, ",")));
  });
  // How many rows of a sequence are drawn follows from all agents together.
  if (is_recurrent(config) &&
      sequence_settings(config).lookahead != sequence_settings(changed).lookahead) {
    throw UsageError(
        "--n-step: the longest one cannot change in a recurrent training that goes on; give it "
        "--sequence-lookahead");
  }
}

void require_agents(std::span<const AgentCopy> copies, int agents) {
  std::set<int> from, to;
  for (const AgentCopy& copy : copies) {
    const bool known = std::min(copy.from, copy.to) >= 0 && std::max(copy.from, copy.to) < agents;
    from.insert(copy.from);
    const bool twice = !to.insert(copy.to).second;
    if (known && !twice) continue;
    throw UsageError("a change of the population copies agent " + std::to_string(copy.from) +
                     " to " + std::to_string(copy.to) +
                     (twice ? ", which takes over from another one already"
                            : ", but there are " + std::to_string(agents)));
  }
  for (const int agent : to) {
    if (!from.contains(agent)) continue;
    throw UsageError("a change of the population copies agent " + std::to_string(agent) +
                     ", which takes over from another one at the same time");
  }
}

}  // namespace

std::vector<int> sources_after(std::span<const AgentCopy> copies, const Config& config,
                               const Config& changed, std::span<const Divergence> divergences) {
  validate(changed);
  require_same_training(config, changed);
  require_agents(copies, config.agents);
  std::vector<int> learned(static_cast<std::size_t>(config.agents));  // whose networks it has
  std::iota(learned.begin(), learned.end(), 0);
  std::vector<int> sources = learned;
  for (const AgentCopy& copy : copies) {
    const auto to = static_cast<std::size_t>(copy.to);
    learned[to] = copy.from;
    if (copy.part == AgentPart::everything) sources[to] = copy.from;
  }
  for (std::size_t agent = 0; agent < static_cast<std::size_t>(changed.agents); ++agent) {
    for (const Divergence& divergence : divergences) {
      if (divergence.agent != learned[agent] && divergence.agent != sources[agent]) continue;
      throw UsageError("agent " + std::to_string(agent) + " cannot go on: a value of agent " +
                       std::to_string(divergence.agent) + " is not finite");
    }
  }
  sources.resize(static_cast<std::size_t>(changed.agents));
  return sources;
}

Config with_agents(const Config& population, std::span<const int> agents) {
  Config config = population;
  visit_fields(config, [&]<class T>(const FieldInfo&, T& value) {
    if constexpr (is_per_agent<T>) {
      const T before = value;
      value.values.clear();
      for (const int agent : agents) value.values.push_back(before[agent]);
    }
  });
  config.seed.values.clear();
  for (const int agent : agents) config.seed.values.push_back(agent_seed(population, agent));
  config.agents = static_cast<int>(agents.size());
  return config;
}

std::vector<AgentCopy> copies_to_the_front(std::span<const int> kept, std::vector<int>& order) {
  const int count = static_cast<int>(kept.size());
  const std::set<int> all(kept.begin(), kept.end());
  std::vector<AgentCopy> copies;
  order.clear();
  auto behind = all.lower_bound(count);  // the next one that has to move
  for (int place = 0; place < count; ++place) {
    if (!all.contains(place)) copies.push_back({.from = *behind, .to = place});
    order.push_back(all.contains(place) ? place : *behind++);
  }
  return copies;
}

}  // namespace polyak
