// Populations that change on the way, whatever they are trained by.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "backend/backend.hpp"
#include "polyak/config.hpp"

namespace polyak::test {

/// A back end that a test changes, and how long its agents have trained before and train after.
/// The reference, which may be another with the same bits, trains them before, and each alone
/// after.
struct ChangedTraining {
  Config config;  // three agents at least
  std::int64_t iterations_before, iterations_after;
  std::function<std::unique_ptr<Backend>(const Config&config)> make_backend, make_reference;
};

/// Agents take over from others, the population shrinks and gets other hyper-parameters, single
/// agents are taken out and put in elsewhere. Reports as test failures every bit in which an agent
/// is not, after more training, what it is alone with what it took over.
void expect_agents_alone_after_changes(const ChangedTraining& training);

}  // namespace polyak::test
