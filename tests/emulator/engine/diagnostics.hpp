#pragma once

#include <string>

#include "emulator/engine/engine.hpp"

namespace polyak::emulator {

/// "__syncthreads at file.cuh:12".
std::string describe(const Site& site);

/// "block (0,0,0) thread (5,0,0)".
std::string describe(const Thread& thread);

/// Who waits where, when nobody can go on.
std::string describe_deadlock(const Engine& engine);

}  // namespace polyak::emulator
