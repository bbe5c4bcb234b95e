// What instructions do, apart from when: each is bound once to a function of a warp.
#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "model/memory.hpp"
#include "model/warp.hpp"

namespace polyak::model {

/// The part of a multiprocessor that an instruction needs.
enum class Pipe { none, fma, fma_heavy, alu, special_functions, fp64, memory, tensor };

/// What an instruction did beyond registers, for whoever times it.
enum class EffectKind {
  none,
  load,
  store,
  transfer_store,
  local_load,
  local_store,
  atomic,
  copy,          // from global to shared memory, asynchronously
  close_copies,  // those begun since the last one are a group
  await_copies,
  sleep,
  shuffle,
  fence,
  invalidate_cache,
  block_barrier,
  cluster_arrive,
  cluster_wait
};
struct Effect {
  EffectKind kind = EffectKind::none;
  int bytes = 0;  // of a lane
  Mask lanes = 0;
  WideLanes addresses{};
  WideLanes barriers{};  // of a transfer_store, which count it; of a copy, where to
};

/// One instruction in execution.
struct Execution {
  Warp& warp;
  Memory& memory;
  Mask active;  // the threads that are at the instruction
  double now;
  Mask mask = 0;  // those of them that execute it
  Effect effect = {};
};
using Execute = std::function<void(Execution&)>;

struct Operation {
  Pipe pipe;
  Execute execute;
  int latency = 0;            // until a scoreboard is released, what memory needs aside
  bool moves_itself = false;  // decides where the warp goes on
  bool is_wide = false;       // a special function of 64 bits, which takes twice the time
};

/// Binds an instruction. ModelError, naming it, if the model does not know it or one of its
/// modifiers.
Operation bind(const Instruction& instruction);

/// The binders by the name of the operation, from the files in operations/.
struct NamedBinder {
  std::string_view name;
  Operation (*bind)(const Instruction& instruction);
};
std::span<const NamedBinder> floating_point_operations();
std::span<const NamedBinder> double_precision_operations();
std::span<const NamedBinder> conversion_operations();
std::span<const NamedBinder> integer_operations();
std::span<const NamedBinder> integer_extreme_operations();
std::span<const NamedBinder> logic_operations();
std::span<const NamedBinder> comparison_operations();
std::span<const NamedBinder> movement_operations();
std::span<const NamedBinder> memory_operations();
std::span<const NamedBinder> control_flow_operations();
std::span<const NamedBinder> barrier_operations();
std::span<const NamedBinder> tensor_operations();
std::span<const NamedBinder> transfer_operations();
std::span<const NamedBinder> copy_operations();

}  // namespace polyak::model
