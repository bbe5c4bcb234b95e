// The CPU back end's functions for one instruction set, where the program chooses among several.
#pragma once

#include "backend/cpu/cpu_backend.hpp"

namespace polyak {

struct CpuEntryPoints {
  decltype(&make_cpu_backend) make_backend;
  decltype(&make_cpu_simulator) make_simulator;
  decltype(&describe_cpu) describe;
  decltype(&cpu_memory_needs) memory_needs;
};

}  // namespace polyak
