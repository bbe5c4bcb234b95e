// A space that is read has settings, the same ones again whenever they are asked for.
#include "search/space.hpp"

#include "fuzz/reader.hpp"
#include "search/sampler.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace polyak;
  return fuzz::run_reader(data, size, [](std::string_view text) {
    const Space space = parse_space(text, "space.toml", {});
    fuzz::require(grid_size(space) >= 1);
    for (const Sampler sampler : {Sampler::grid, Sampler::random, Sampler::sobol}) {
      const Setting setting = setting_at(space, sampler, 1, 0);
      fuzz::require(setting == setting_at(space, sampler, 1, 0));
      perturbed(space, setting, 1, 0);
      configured({}, setting, "space.toml");
    }
  });
}
