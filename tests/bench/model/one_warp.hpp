// One warp, to try single instructions of the model.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <string_view>

#include "model/listing.hpp"
#include "model/operation.hpp"

namespace polyak::model {

/// A warp of block 0 of two, with shared memory of 1 KiB each and 64 bytes of constants.
class OneWarp {
 public:
  OneWarp() : memory(2, 1024), warp(0, 0, constants) {
    for (std::size_t i = 0; i < constants.size(); ++i) constants[i] = static_cast<std::uint8_t>(i);
    memory.announce(global.data(), sizeof(global));
  }

  /// Executes an instruction of which only bits 32 to 63 of the encoding may matter.
  Effect run(std::string_view text, std::uint64_t encoding = 0) {
    const Instruction instruction = parse_instruction(text, encoding, 0);
    Execution execution{warp, memory, warp.active, now,
                        warp.active & warp.predicate(instruction.guard)};
    const Operation operation = bind(instruction);
    operation.execute(execution);
    if (!operation.moves_itself) warp.advance(execution.active);
    warp.choose();
    return execution.effect;
  }

  /// The same value in all lanes.
  void set(int index, std::uint32_t value) { warp.vector_register(index).fill(value); }
  void set(int index, float value) { set(index, std::bit_cast<std::uint32_t>(value)); }
  void set_pair(int index, std::uint64_t value) {
    set(index, static_cast<std::uint32_t>(value));
    set(index + 1, static_cast<std::uint32_t>(value >> 32));
  }
  void set_pair(int index, double value) { set_pair(index, std::bit_cast<std::uint64_t>(value)); }
  void set_predicate(int index, Mask lanes) {
    warp.set_predicate_register(index, lanes, all_lanes);
  }

  std::uint32_t bits(int index, std::size_t lane = 0) const {
    return warp.vector_register(index)[lane];
  }
  float number(int index, std::size_t lane = 0) const {
    return std::bit_cast<float>(bits(index, lane));
  }
  std::uint64_t pair(int index) const { return std::uint64_t{bits(index + 1)} << 32 | bits(index); }
  double real_pair(int index) const { return std::bit_cast<double>(pair(index)); }

  double now = 0.0;  // the clock at which instructions execute
  std::array<std::uint8_t, 64> constants{};
  alignas(16) std::array<std::uint32_t, 64> global{};
  Memory memory;
  Warp warp;
};

}  // namespace polyak::model
