// What the micro-benchmarks measure: one launcher at one size.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "backend/cuda/device/graph.hpp"

namespace polyak::bench {

/// What bounds an operation, and so what its rate is counted in and held against.
enum class Bound {
  memory,      // bytes per second, against a large copy
  arithmetic,  // floating-point operations per second, against a large product by cuBLAS
  none,        // things per second, against nothing
  latency,     // seconds for one of the things, which come one after the other
};

/// One operation with its operands on the device.
struct Operation {
  std::string name;   // "linear forward, own"
  std::string shape;  // "1 x 256 x 256 -> 256"
  Bound bound;
  double amount;      // per launch: bytes that must move, floating-point operations, or things
  std::string thing;  // what is counted if neither memory nor arithmetic bounds it: "steps"
  // Queues launch number `turn`. Where the operands must not come from the L2 cache, turns take
  // turns over several sets of them, together at least twice the cache.
  std::function<void(const cuda::Stream& stream, std::int64_t turn)> launch;
  cuda::Launches launches = cuda::Launches::in_turn;
};

/// Makes the operands when it is their turn, so that not all are in memory at once.
using OperationMaker = std::function<Operation()>;

/// At which sizes: those of trainings, or tiny ones that show only that everything runs.
enum class Sizes { full, tiny };

std::vector<OperationMaker> ceiling_operations(Sizes sizes);
std::vector<OperationMaker> linear_operations(Sizes sizes);
std::vector<OperationMaker> training_operations(Sizes sizes);
std::vector<OperationMaker> environment_operations(Sizes sizes);
std::vector<OperationMaker> latency_operations(Sizes sizes);

/// How many turns are told apart, at most.
inline constexpr std::int64_t max_turns = 64;

/// How many sets of operands of `bytes` each exceed twice the device's L2 cache; 1 to max_turns.
/// What is so small that these do not exceed it is in the cache in a training too.
std::int64_t sets_beyond_cache(std::int64_t bytes);

}  // namespace polyak::bench
