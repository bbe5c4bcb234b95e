#include "app/rollout/animation.hpp"

#include "app/drawing/episode.hpp"
#include "app/drawing/raster.hpp"
#include "app/drawing/svg.hpp"
#include "polyak/core/error.hpp"
#include "polyak/environment/registry.hpp"

namespace polyak {

void check_animation_name(const std::filesystem::path& file) {
  if (file.extension() == ".svg" || file.extension() == ".gif") return;
  throw UsageError("--animate " + file.string() + ": the name must end in .svg or .gif");
}

std::string animation(const std::filesystem::path& file, const Trajectories& trajectories,
                      const SimulatorConfig& config) {
  const EnvironmentInfo environment = find_environment(config.environment);
  const Scene scene = scene_of(take_episode(trajectories, 0, environment, config.time_limit));
  return file.extension() == ".gif" ? animated_gif(scene) : animated_svg(scene, "moves");
}

}  // namespace polyak
