#include "model/transfers.hpp"

#include <algorithm>

#include "model/instruction.hpp"

namespace polyak::model {

void Transfers::initialise(std::uint64_t barrier) { states_[barrier] = {}; }

Transfers::State& Transfers::find(std::uint64_t barrier) {
  const auto found = states_.find(barrier);
  if (found == states_.end()) throw ModelError("a barrier that was not initialised");
  return found->second;
}

void Transfers::end_phase_if_complete(State& state) {
  if (!state.is_expected || state.bytes != 0) return;
  state.is_expected = false;
  state.phase = !state.phase;
  state.over_at = state.last_arrival;
}

void Transfers::expect(std::uint64_t barrier, std::int64_t bytes, double now) {
  State& state = find(barrier);
  if (state.is_expected) throw ModelError("a second arrival in a barrier's phase");
  state.bytes += bytes;
  state.is_expected = true;
  state.last_arrival = std::max(state.last_arrival, now);
  end_phase_if_complete(state);
}

void Transfers::complete(std::uint64_t barrier, std::int64_t bytes, double when) {
  State& state = find(barrier);
  state.bytes -= bytes;
  state.last_arrival = std::max(state.last_arrival, when);
  end_phase_if_complete(state);
}

bool Transfers::is_over(std::uint64_t barrier, bool parity, double now) const {
  const auto found = states_.find(barrier);
  if (found == states_.end()) throw ModelError("a barrier that was not initialised");
  return found->second.phase != parity && now >= found->second.over_at;
}

}  // namespace polyak::model
