// Who runs the pieces of one agent's work.
#pragma once

#include <cstdint>
#include <functional>

#include "backend/cpu/thread_pool.hpp"

namespace polyak::cpu {

/// Runs piece(index, thread) for index = 0 ... count - 1 and returns when all are done.
using Piece = std::function<void(std::int64_t, int)>;
using Executor = std::function<void(std::int64_t, const Piece&)>;

/// All pieces on the calling thread: for populations, whose agents are shared out instead.
inline Executor serial_executor(int thread) {
  return [thread](std::int64_t count, const Piece& piece) {
    for (std::int64_t index = 0; index < count; ++index) piece(index, thread);
  };
}

/// Pieces shared out among the pool: for a few agents on many cores.
inline Executor parallel_executor(ThreadPool& pool) {
  return [&pool](std::int64_t count, const Piece& piece) { pool.parallel_for(count, piece); };
}

}  // namespace polyak::cpu
