// Whether these tests run on the emulator, for what only it can do.
#pragma once

#include <cstdint>

#include "emulator/options.hpp"

namespace polyak::test {

/// The emulator's options, or null on a real GPU.
emulator::Options* emulator_options();

/// What memory that nobody has written holds in these tests, 16 bits over and over: not a number in
/// any floating-point type.
std::uint16_t unwritten_word();

/// Restores the emulator's options at the end of its scope; does nothing on a real GPU.
class RestoredEmulatorOptions {
 public:
  RestoredEmulatorOptions();
  ~RestoredEmulatorOptions();
  RestoredEmulatorOptions(const RestoredEmulatorOptions&) = delete;
  RestoredEmulatorOptions& operator=(const RestoredEmulatorOptions&) = delete;

 private:
  emulator::Options saved_;
};

}  // namespace polyak::test
