// The mbarriers that count what arrives in a block's shared memory (PTX ISA, "mbarrier"), with the
// clocks at which it does.
#pragma once

#include <cstdint>
#include <map>

namespace polyak::model {

/// By generic address. Each takes one arrival a phase, that of the thread that says how many bytes
/// are expected.
class Transfers {
 public:
  void initialise(std::uint64_t barrier);
  void expect(std::uint64_t barrier, std::int64_t bytes, double now);
  /// `bytes` arrive at clock `when`, which may be to come.
  void complete(std::uint64_t barrier, std::int64_t bytes, double when);
  /// Whether the phase of this parity is over at clock `now`. ModelError if there is no barrier.
  bool is_over(std::uint64_t barrier, bool parity, double now) const;

 private:
  struct State {
    std::int64_t bytes = 0;  // expected, less those that are on their way or there
    bool is_expected = false;
    bool phase = false;  // parity of the one that runs
    double last_arrival = 0.0, over_at = 0.0;
  };
  State& find(std::uint64_t barrier);
  static void end_phase_if_complete(State& state);

  std::map<std::uint64_t, State> states_;
};

}  // namespace polyak::model
