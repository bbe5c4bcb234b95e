#include "search/population_groups.hpp"

#include <algorithm>

#include "backend/backend.hpp"
#include "config/derived.hpp"
#include "polyak/core/error.hpp"
#include "search/shape_groups.hpp"

namespace polyak {

bool fits(const Config& config) {
  try {
    require_training_memory(config);
    return true;
  } catch (const RunError&) {
    return false;
  }
}

std::vector<std::vector<std::size_t>> population_groups(std::span<const Config> trials,
                                                        std::span<const std::uint64_t> seeds) {
  std::vector<std::vector<std::size_t>> groups;
  for (const std::vector<std::size_t>& shape : shape_groups(trials)) {
    const auto first = [&](std::size_t count) {
      std::vector<Config> configs;
      for (std::size_t i = 0; i < count; ++i) configs.push_back(trials[shape[i]]);
      return population_config(configs, seeds);
    };
    const std::size_t room = static_cast<std::size_t>(largest_population) / seeds.size();
    const std::size_t most =
        largest_that_fits(std::clamp<std::size_t>(room, 1, shape.size()), first);
    for (std::size_t begin = 0; begin < shape.size(); begin += most) {
      const auto from = shape.begin() + static_cast<std::ptrdiff_t>(begin);
      groups.emplace_back(from,
                          from + static_cast<std::ptrdiff_t>(std::min(most, shape.size() - begin)));
    }
  }
  return groups;
}

void require_room_for_each(std::span<const Config> trials, std::span<const std::uint64_t> seeds) {
  for (const std::vector<std::size_t>& shape : shape_groups(trials)) {
    require_training_memory(population_config(trials.subspan(shape.front(), 1), seeds));
  }
}

}  // namespace polyak
