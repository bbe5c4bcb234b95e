#include "app/train/final_evaluation.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <span>

#include "trainer/slice_pacer.hpp"

namespace polyak {

std::optional<std::vector<AgentEvaluation>> evaluate_unless_stopped(Trainer& trainer,
                                                                    const Starts& starts,
                                                                    const std::atomic<bool>& stop) {
  using Clock = std::chrono::steady_clock;
  const std::size_t count = starts.count();
  const auto agents = static_cast<std::size_t>(trainer.config().agents);
  const std::span<const float> states = starts.states;
  const std::size_t state_size = count > 0 ? states.size() / count : 0;
  decltype(trainer.evaluate(states)) returns(agents * count);  // [agents, count]
  SlicePacer pacer;
  for (std::size_t begin = 0; begin < count;) {
    if (stop) return {};
    // An episode's return does not depend on which others run beside it.
    const std::size_t slice = std::min(count - begin, static_cast<std::size_t>(pacer.iterations()));
    const Clock::time_point start = Clock::now();
    const auto some = trainer.evaluate(states.subspan(begin * state_size, slice * state_size), 0,
                                       static_cast<std::int64_t>(begin));
    for (std::size_t agent = 0; agent < agents; ++agent) {
      std::copy_n(&some[agent * slice], slice, &returns[agent * count + begin]);
    }
    begin += slice;
    pacer.took(static_cast<std::int64_t>(slice),
               std::chrono::duration<double>(Clock::now() - start).count());
  }
  if (stop) return {};
  return evaluate_agents(returns, starts);
}

}  // namespace polyak
