#include "backend/sharded/shares.hpp"

#include <algorithm>
#include <utility>

namespace polyak {
namespace {

TrainingPlaces& places_of_process() {
  static TrainingPlaces places;
  return places;
}

}  // namespace

void set_training_places(TrainingPlaces places) { places_of_process() = std::move(places); }
const TrainingPlaces& training_places() { return places_of_process(); }

std::vector<AgentRange> ranges_at(const Config& config, std::size_t places) {
  const auto agents = static_cast<std::size_t>(config.agents);
  return equal_shares(config.agents, static_cast<int>(std::min(places, agents)));
}

Config share_at(const ShardPlace& place, const Config& config, AgentRange agents) {
  Config share = agents.count == config.agents ? config : share_of(config, agents);
  share.device = place.device;
  share.threads = place.threads;
  return share;
}

std::vector<Config> shares_at(const Config& config, std::span<const ShardPlace> places) {
  const std::vector<AgentRange> ranges = ranges_at(config, places.size());
  std::vector<Config> shares;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    shares.push_back(share_at(places[i], config, ranges[i]));
  }
  return shares;
}

}  // namespace polyak
