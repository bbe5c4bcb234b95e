// What the tests of commands that take a policy have in common.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "app/program.hpp"
#include "io/policy_samples.hpp"
#include "io/temporary_directory.hpp"

namespace polyak::test {

/// A directory with a policy for Pendulum-v1, and three start states with their best returns.
class PolicyCommands : public testing::Test {
 protected:
  PolicyCommands() {
    sample_policy().save(directory_ / "policy.safetensors");
    write_text(directory_ / "starts.json",
               R"({"theta": [0, 1, 3], "theta_dot": [0, 0.5, -1], "best_return": [0, -50, -300]})");
  }

  ProgramResult run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--device", "cpu"});
    return run_program(arguments, directory_.path());
  }

  TemporaryDirectory directory_;
};

}  // namespace polyak::test
