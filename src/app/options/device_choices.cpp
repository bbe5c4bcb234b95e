#include "app/options/device_choices.hpp"

#include <algorithm>
#include <thread>

#include "backend/backend.hpp"
#include "config/fields.hpp"
#include "io/text_value.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

DeviceChoice parse_device_choice(const std::string& text) {
  if (text == "cuda" || text.starts_with("cuda:")) return {text, parse_device(text), 0};
  if (text == "cpu") return {text, DeviceKind::cpu, 0};
  if (text.starts_with("cpu:")) {
    const auto threads = parse_number<int>(std::string_view(text).substr(4));
    if (threads && *threads >= 1 && *threads <= max_threads) {
      return {text, DeviceKind::cpu, *threads};
    }
  }
  throw UsageError("--devices: '" + text +
                   "' is no device; use cuda, cuda:N (one of several GPUs), cuda:all, cpu (all "
                   "cores) or cpu:N (N threads)");
}

bool has_gpu(std::span<const DeviceChoice> choices) {
  return std::any_of(choices.begin(), choices.end(),
                     [](const DeviceChoice& choice) { return choice.device == DeviceKind::cuda; });
}

}  // namespace

std::vector<DeviceChoice> parse_device_choices(std::span<const std::string> texts,
                                               const std::string& option) {
  std::vector<DeviceChoice> choices;
  for (const std::string& text : texts) {
    const DeviceChoice choice = parse_device_choice(text);
    const bool twice = std::any_of(choices.begin(), choices.end(), [&](const DeviceChoice& other) {
      return other.device == choice.device && other.threads == choice.threads;
    });
    if (twice) throw UsageError(option + ": '" + text + "' is there twice");
    choices.push_back(choice);
  }
  for (const DeviceChoice& choice : choices) {
    const std::string absence =
        choice.device == DeviceKind::cuda ? why_no_gpu(std::max(0, choice.device.gpu)) : "";
    if (absence.empty()) continue;
    throw UsageError(option + " " + choice.label + ": no GPU can be used here: " + absence +
                     "; use --devices cpu, or compare numbers of threads: --devices cpu:1,cpu");
  }
  return choices;
}

std::vector<DeviceChoice> available_devices() {
  std::vector<DeviceChoice> choices;
  if (list_devices().cuda_absence.empty()) choices.push_back({"cuda", DeviceKind::cuda, 0});
  choices.push_back({"cpu", DeviceKind::cpu, 0});
  return choices;
}

std::vector<DeviceChoice> compared_devices(const Config& config) {
  std::vector<DeviceChoice> choices = available_devices();
  const int threads =
      config.threads > 0 ? config.threads : static_cast<int>(std::thread::hardware_concurrency());
  if (threads > 1) choices.push_back({"cpu:1", DeviceKind::cpu, 1});
  return choices;
}

void check_gpu_options(const Config& config, std::span<const DeviceChoice> choices) {
  if (!has_gpu(choices)) require_fields_on(DeviceKind::cpu, config);
}

void check_threads_option(int threads, std::span<const DeviceChoice> choices) {
  const bool used = std::any_of(choices.begin(), choices.end(), [](const DeviceChoice& choice) {
    return choice.device == DeviceKind::cpu && choice.threads == 0;
  });
  if (!used) {
    throw UsageError("--threads: has no effect on these devices; give --devices cpu, or cpu:" +
                     std::to_string(threads));
  }
}

Config with_device(Config config, const DeviceChoice& choice) {
  if (choice.device == DeviceKind::cpu) config = without_gpu_fields(config);
  config.device = choice.device;
  if (choice.threads > 0) config.threads = choice.threads;
  return config;
}

}  // namespace polyak
