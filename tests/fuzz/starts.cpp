// Start states of an environment with two states.
#include <cmath>

#include "fuzz/reader.hpp"
#include "io/starts_file.hpp"
#include "polyak/environment/registry.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return polyak::fuzz::run_reader(data, size, [](std::string_view text) {
    const polyak::Starts starts =
        polyak::parse_starts(text, "starts.json", polyak::find_environment("Pendulum-v1"));
    polyak::fuzz::require(starts.count() > 0 && starts.states.size() == 2 * starts.count());
    for (const float state : starts.states) polyak::fuzz::require(std::isfinite(state));
  });
}
