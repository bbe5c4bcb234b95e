// What the tests of bench and compare have in common. None of them looks at a speed; that the
// reports fit together is what counts.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/program.hpp"
#include "io/temporary_directory.hpp"

namespace polyak::test {

/// Runs a command with a small training in a directory of its own.
class BenchmarkCommands : public testing::Test {
 protected:
  ProgramResult run(std::vector<std::string> arguments) const {
    arguments.insert(
        arguments.end(),
        {"--actor-hidden", "8", "--critic-hidden", "8", "--batch-size", "32", "--environments", "4",
         "--update-to-data", "1", "--warmup-steps", "100", "--learning-starts", "100"});
    return run_program(arguments, directory_.path());
  }
  nlohmann::json report() const {
    return nlohmann::json::parse(read_text(directory_ / "report.json"));
  }

  TemporaryDirectory directory_;
};

}  // namespace polyak::test
