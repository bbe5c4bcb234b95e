// Compiled once for each instruction set, with a name for the table.
#include "backend/cpu/entry_points.hpp"

extern "C" {
extern const polyak::CpuEntryPoints POLYAK_CPU_ENTRY_POINTS;
const polyak::CpuEntryPoints POLYAK_CPU_ENTRY_POINTS = {
    &polyak::make_cpu_backend, &polyak::make_cpu_simulator, &polyak::describe_cpu,
    &polyak::cpu_memory_needs};
}
