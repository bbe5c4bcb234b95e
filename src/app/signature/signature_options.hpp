// What `polyak signature` can be told.
#pragma once

#include <string>
#include <vector>

#include "app/output/json_output.hpp"
#include "trainer/signature/signature.hpp"

namespace polyak {

/// Must live as long as the subcommand that it adds its options to.
struct SignatureOptions {
  explicit SignatureOptions(CLI::App& subcommand);

  /// What runs the trainings; UsageError for unknown words.
  Execution execution() const;

  const CLI::App& command;
  JsonOutput json;
  bool list = false;
  std::vector<std::string> only;
  std::string check, write;
  std::string trace, against, output;

 private:
  std::string device_ = "auto", engine_ = "auto";
  int threads_ = 0;
};

/// The training of that name; UsageError of `option` with the nearest names if there is none.
const SignatureCase& named_training(const std::string& option, const std::string& name);

}  // namespace polyak
