// The evaluation at the end of a training, which Ctrl-C ends too.
#pragma once

#include <atomic>
#include <optional>
#include <vector>

#include "app/output/training_result.hpp"

namespace polyak {

/// Every agent's evaluation from `starts`; nothing if `stop` was set meanwhile.
std::optional<std::vector<AgentEvaluation>> evaluate_unless_stopped(Trainer& trainer,
                                                                    const Starts& starts,
                                                                    const std::atomic<bool>& stop);

}  // namespace polyak
