// Every preset as a training small enough for the oracle and the emulator.
#include <cctype>

#include "config/presets.hpp"
#include "support/configs.hpp"
#include "trainer/signature/small_preset.hpp"

namespace polyak::test {
namespace {

TrainingCase preset_case(const PresetDescription& description) {
  std::string name(to_string(description.preset));
  name.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(name.front())));
  return {name, [preset = description.preset](Config& config) {
            const Config small = config;
            config = small_preset(preset, small);
            config.device = small.device;
            config.threads = small.threads;
          }};
}

}  // namespace

const std::vector<TrainingCase>& preset_cases() {
  static const std::vector<TrainingCase> cases = [] {
    std::vector<TrainingCase> all;
    for (const PresetDescription& description : all_presets()) {
      all.push_back(preset_case(description));
    }
    return all;
  }();
  return cases;
}

}  // namespace polyak::test
