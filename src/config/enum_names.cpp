// The words for the enumerations of a configuration.
#include <array>
#include <charconv>
#include <string>
#include <utility>

#include "polyak/config.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

template <class Enum>
struct EnumNames;

template <>
struct EnumNames<Activation> {
  static constexpr std::string_view what = "activation";
  // identity is not in the list: it is not a choice for hidden layers.
  static constexpr std::array values = {std::pair{Activation::relu, std::string_view("relu")},
                                        std::pair{Activation::tanh, std::string_view("tanh")},
                                        std::pair{Activation::elu, std::string_view("elu")}};
};
template <>
struct EnumNames<PolicyKind> {
  static constexpr std::string_view what = "policy";
  static constexpr std::array values = {
      std::pair{PolicyKind::feed_forward, std::string_view("feed-forward")},
      std::pair{PolicyKind::lstm, std::string_view("lstm")},
      std::pair{PolicyKind::gru, std::string_view("gru")}};
};
template <>
struct EnumNames<Exploration> {
  static constexpr std::string_view what = "exploration";
  static constexpr std::array values = {
      std::pair{Exploration::gaussian, std::string_view("gaussian")},
      std::pair{Exploration::ornstein_uhlenbeck, std::string_view("ornstein-uhlenbeck")}};
};
template <>
struct EnumNames<Preset> {
  static constexpr std::string_view what = "preset";
  static constexpr std::array values = {
      std::pair{Preset::fast, std::string_view("fast")},
      std::pair{Preset::paper, std::string_view("paper")},
      std::pair{Preset::higgsfield, std::string_view("higgsfield")},
      std::pair{Preset::spinningup, std::string_view("spinningup")},
      std::pair{Preset::cleanrl, std::string_view("cleanrl")},
      std::pair{Preset::rlzoo, std::string_view("rlzoo")},
      std::pair{Preset::massive, std::string_view("massive")},
      std::pair{Preset::rltools, std::string_view("rltools")},
      std::pair{Preset::recurrent, std::string_view("recurrent")},
      std::pair{Preset::best, std::string_view("best")}};
};
template <>
struct EnumNames<Algorithm> {
  static constexpr std::string_view what = "algorithm";
  static constexpr std::array values = {std::pair{Algorithm::ddpg, std::string_view("ddpg")},
                                        std::pair{Algorithm::td3, std::string_view("td3")}};
};
template <>
struct EnumNames<LearningRateDecay> {
  static constexpr std::string_view what = "learning-rate-decay";
  static constexpr std::array values = {
      std::pair{LearningRateDecay::constant, std::string_view("constant")},
      std::pair{LearningRateDecay::linear, std::string_view("linear")}};
};
template <>
struct EnumNames<NoiseUnits> {
  static constexpr std::string_view what = "noise-units";
  static constexpr std::array values = {
      std::pair{NoiseUnits::normalised, std::string_view("normalised")},
      std::pair{NoiseUnits::environment, std::string_view("environment")}};
};
template <>
struct EnumNames<Sampling> {
  static constexpr std::string_view what = "sampling";
  static constexpr std::array values = {
      std::pair{Sampling::with_replacement, std::string_view("with-replacement")},
      std::pair{Sampling::without_replacement, std::string_view("without-replacement")}};
};
template <>
struct EnumNames<SequenceStart> {
  static constexpr std::string_view what = "sequence-start";
  static constexpr std::array values = {
      std::pair{SequenceStart::zero, std::string_view("zero")},
      std::pair{SequenceStart::stored, std::string_view("stored")}};
};
template <>
struct EnumNames<DeviceKind> {
  static constexpr std::string_view what = "device";
  static constexpr std::array values = {std::pair{DeviceKind::automatic, std::string_view("auto")},
                                        std::pair{DeviceKind::cuda, std::string_view("cuda")},
                                        std::pair{DeviceKind::cpu, std::string_view("cpu")}};
};
template <>
struct EnumNames<Engine> {
  static constexpr std::string_view what = "engine";
  static constexpr std::array values = {std::pair{Engine::automatic, std::string_view("auto")},
                                        std::pair{Engine::layered, std::string_view("layered")},
                                        std::pair{Engine::fused, std::string_view("fused")}};
};
template <>
struct EnumNames<MatrixProduct> {
  static constexpr std::string_view what = "matrix-product";
  static constexpr std::array values = {
      std::pair{MatrixProduct::automatic, std::string_view("auto")},
      std::pair{MatrixProduct::own, std::string_view("own")},
      std::pair{MatrixProduct::cublas, std::string_view("cublas")}};
};
template <>
struct EnumNames<Precision> {
  static constexpr std::string_view what = "precision";
  static constexpr std::array values = {std::pair{Precision::fp32, std::string_view("fp32")},
                                        std::pair{Precision::tf32, std::string_view("tf32")},
                                        std::pair{Precision::tf32x3, std::string_view("tf32x3")},
                                        std::pair{Precision::bf16, std::string_view("bf16")}};
};

constexpr std::string_view every_gpu = "cuda:all";

template <class Enum>
std::string_view name_of(Enum value) {
  for (const auto& [candidate, name] : EnumNames<Enum>::values) {
    if (candidate == value) return name;
  }
  return "unknown";
}

}  // namespace

std::string_view to_string(Activation value) {
  return value == Activation::identity ? "identity" : name_of(value);
}
std::string_view to_string(PolicyKind value) { return name_of(value); }
std::string_view to_string(Exploration value) { return name_of(value); }
std::string_view to_string(Preset value) { return name_of(value); }
std::string_view to_string(Algorithm value) { return name_of(value); }
std::string_view to_string(LearningRateDecay value) { return name_of(value); }
std::string_view to_string(NoiseUnits value) { return name_of(value); }
std::string_view to_string(Sampling value) { return name_of(value); }
std::string_view to_string(SequenceStart value) { return name_of(value); }
std::string_view to_string(DeviceKind value) { return name_of(value); }
std::string_view to_string(Engine value) { return name_of(value); }
std::string_view to_string(MatrixProduct value) { return name_of(value); }
std::string_view to_string(Precision value) { return name_of(value); }

std::string to_string(const Device& value) {
  if (value.is_every_gpu()) return std::string(every_gpu);
  const std::string kind(to_string(value.kind));
  return value.gpu == 0 ? kind : kind + ":" + std::to_string(value.gpu);
}

Device parse_device(std::string_view text) {
  constexpr std::string_view numbered = "cuda:";
  if (text == every_gpu) return {DeviceKind::cuda, Device::all_gpus};
  for (const auto& [kind, name] : EnumNames<DeviceKind>::values) {
    if (text == name) return kind;
  }
  if (!text.starts_with(numbered)) {
    throw UsageError("unknown device '" + std::string(text) +
                     "'; use one of auto, cuda, cuda:N (one of several GPUs), cuda:all, cpu");
  }
  const std::string_view number = text.substr(numbered.size());
  unsigned short gpu = 0;  // no machine has more
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), gpu);
  if (error == std::errc() && end == number.data() + number.size()) return {DeviceKind::cuda, gpu};
  throw UsageError("unknown device '" + std::string(text) +
                   "'; use cuda:N, where N counts GPUs from 0, or cuda:all");
}

template <class Enum>
Enum parse_enum(std::string_view text) {
  std::string known;
  for (const auto& [value, name] : EnumNames<Enum>::values) {
    if (name == text) return value;
    known += (known.empty() ? "" : ", ") + std::string(name);
  }
  throw UsageError("unknown " + std::string(EnumNames<Enum>::what) + " '" + std::string(text) +
                   "'; use one of " + known);
}
template Activation parse_enum<Activation>(std::string_view);
template PolicyKind parse_enum<PolicyKind>(std::string_view);
template DeviceKind parse_enum<DeviceKind>(std::string_view);
template Exploration parse_enum<Exploration>(std::string_view);
template Preset parse_enum<Preset>(std::string_view);
template Algorithm parse_enum<Algorithm>(std::string_view);
template LearningRateDecay parse_enum<LearningRateDecay>(std::string_view);
template NoiseUnits parse_enum<NoiseUnits>(std::string_view);
template Sampling parse_enum<Sampling>(std::string_view);
template SequenceStart parse_enum<SequenceStart>(std::string_view);
template Engine parse_enum<Engine>(std::string_view);
template MatrixProduct parse_enum<MatrixProduct>(std::string_view);
template Precision parse_enum<Precision>(std::string_view);

}  // namespace polyak
