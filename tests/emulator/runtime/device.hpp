#pragma once

#include <cstddef>

namespace polyak::emulator {

// The limits of compute capability 9.0, whatever options().capability says; below it a cluster is
// refused.
inline constexpr unsigned kMaximumBlockThreads = 1024;
inline constexpr unsigned kMaximumBlockDepth = 64;
inline constexpr int kMaximumGridSide = 65535;  // in y and z; x is an int
inline constexpr unsigned kMultiprocessorThreads = 2048;
inline constexpr unsigned kMultiprocessorBlocks = 32;
inline constexpr std::size_t kMultiprocessorSharedBytes = 228 * 1024;
inline constexpr std::size_t kReservedSharedBytes = 1024;  // for each block, by the system
inline constexpr unsigned kPortableClusterBlocks = 8;
inline constexpr unsigned kMaximumClusterBlocks = 16;

/// Whether the compute capability that the options ask for has thread-block clusters.
bool has_clusters();

}  // namespace polyak::emulator
