// A warp: registers, predicates, where its threads are in the program, and what they wait for.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/instruction.hpp"
#include "model/lanes.hpp"

namespace polyak::model {

class Warp {
 public:
  /// Of block `warp_block` of a cluster, of which block 0 has number `first_block` in the grid.
  Warp(int warp_block, int warp_number, std::span<const std::uint8_t> constants,
       int cluster_first_block = 0);

  // Values of operands. Only those that a vector instruction's operand may be.
  /// As they stand: no -, |x|, ~. Where an address is a lane's own, those of other lanes than
  /// `lanes` may be anything, and there is nothing at them.
  Lanes bits(const Operand& operand, Mask lanes = all_lanes) const;
  Lanes integers(const Operand& operand) const;                               // ~ and - applied
  PerLane<float> floats(const Operand& operand) const;                        // |x| and - applied
  WideLanes wide_bits(const Operand& operand, Mask lanes = all_lanes) const;  // of two registers
  PerLane<double> doubles(const Operand& operand) const;                      // |x| and - applied
  Mask predicate(const Operand& operand) const;                               // ! applied
  WideLanes addresses(const Operand& operand) const;                          // of an address

  // Results, for the lanes of a mask. To a uniform register goes that of the first such lane.
  void write(const Operand& to, const Lanes& values, Mask mask);
  void write(const Operand& to, const PerLane<float>& values, Mask mask);
  void write_wide(const Operand& to, const WideLanes& values, Mask mask);
  void write_wide(const Operand& to, const PerLane<double>& values, Mask mask);
  void write_predicate(const Operand& to, Mask values, Mask mask);
  Lanes& vector_register(int index) { return registers_[static_cast<std::size_t>(index)]; }
  const Lanes& vector_register(int index) const {
    return registers_[static_cast<std::size_t>(index)];
  }
  Mask predicate_register(int index) const { return predicates_[static_cast<std::size_t>(index)]; }
  void set_predicate_register(int index, Mask values, Mask mask);
  /// Four bytes of the constant bank.
  std::uint32_t constant(std::int64_t address) const;

  // Where the threads are.
  void advance(Mask mask) { go_to(mask, current + 1); }
  void go_to(Mask mask, std::uint32_t number);
  void exit(Mask mask);
  void block_at(Mask mask, Mask& waiting);  // until release()
  void release(Mask& waiting);              // they go on with the next instruction
  bool is_done() const { return exited == all_lanes; }
  bool is_blocked() const { return runnable_ == 0 && !is_done(); }
  /// Chooses what runs next: the threads that have come the least far.
  void choose();

  const int block, number;
  const int first_block;
  std::uint32_t current = 0;  // the instruction that `active` threads are at
  Mask active = all_lanes;    // none: all wait for something
  Mask exited = 0;
  Mask at_block_barrier = 0, at_cluster_barrier = 0, at_warp_barrier = 0;
  Mask arrived_at_cluster = 0;  // the part of the warp that has
  std::array<Mask, 16> convergence_members{}, convergence_waiting{};
  std::vector<std::uint8_t> local_memory;  // [lanes, bytes of a thread]

 private:
  Lanes base_of(const Operand& operand) const;
  void write_uniform(int index, std::uint32_t value);

  std::span<const std::uint8_t> constants_;
  std::array<Lanes, 256> registers_;
  std::array<std::uint32_t, 65> uniform_registers_{};
  std::array<Mask, 8> predicates_{};
  std::array<bool, 8> uniform_predicates_{};
  Lanes at_{};  // the instruction of each thread
  Mask runnable_ = all_lanes;
  bool together_ = true;  // all runnable threads are at `current`
};

}  // namespace polyak::model
