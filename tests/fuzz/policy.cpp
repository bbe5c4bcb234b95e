// A policy that is read also acts, and can be exported.
#include <vector>

#include "fuzz/reader.hpp"
#include "io/export/policy_export.hpp"
#include "io/policy_reader.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return polyak::fuzz::run_reader(data, size, [](std::string_view bytes) {
    const polyak::Policy policy = polyak::parse_policy(bytes, "policy");
    const std::vector<float> observation(static_cast<std::size_t>(policy.observation_size()), 0.5f);
    polyak::PolicyMemory memory;
    for (int step = 0; step < 2; ++step) {
      const std::vector<float> action = policy.act(observation, memory);
      polyak::fuzz::require(action.size() == static_cast<std::size_t>(policy.action_size()));
    }
    polyak::fuzz::require(!polyak::onnx_model(policy).empty());
    polyak::fuzz::require(!polyak::torch_module(policy).empty());
    polyak::fuzz::require(!polyak::c_header(policy, "policy").empty());
  });
}
