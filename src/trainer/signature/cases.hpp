// The short trainings whose digests are a build's signature.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/agent.hpp"
#include "polyak/config.hpp"

namespace polyak {

/// One of them. Between them they have every environment, preset and option; each has episodes that
/// end, a replay that is overwritten, and updates.
struct SignatureCase {
  std::string name;     // letters, digits and dashes
  std::string content;  // what it has, in a line
  Config config;        // what is trained; where, is up to whoever runs it
  /// Changes the state before the first iteration; empty: it stays.
  std::function<void(TrainingState&)> prepare = {};
};

/// All of them, in the order in which they are shown.
const std::vector<SignatureCase>& signature_cases();

/// The one of that name, or none.
const SignatureCase* find_signature_case(std::string_view name);

}  // namespace polyak
