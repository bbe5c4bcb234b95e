// What the table of the signature's trainings is put together from.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "trainer/signature/cases.hpp"

namespace polyak {

/// Twenty iterations: warm-up, an update in each of the later ones, ends of episodes by the time
/// limit, a replay that is overwritten.
Config short_training();

/// A change of it.
SignatureCase changed(std::string name, std::string content,
                      const std::function<void(Config&)>& change);

/// Three agents that differ.
void make_population(Config& config);

std::vector<SignatureCase> exploration_cases();
std::vector<SignatureCase> update_cases();
std::vector<SignatureCase> recurrent_signature_cases();

}  // namespace polyak
