#include "support/emulation.hpp"

// Defined where the tests are linked with the emulator, null where they run on a GPU.
namespace polyak::emulator {
__attribute__((weak)) Options& options();  // NOLINT(readability-redundant-declaration): weak here
}  // namespace polyak::emulator

namespace polyak::test {

emulator::Options* emulator_options() {
  return &emulator::options != nullptr ? &emulator::options() : nullptr;
}

std::uint16_t unwritten_word() {
  return emulator_options() ? emulator_options()->poison : emulator::Options().poison;
}

RestoredEmulatorOptions::RestoredEmulatorOptions() {
  if (emulator_options()) saved_ = *emulator_options();
}

RestoredEmulatorOptions::~RestoredEmulatorOptions() {
  if (emulator_options()) *emulator_options() = saved_;
}

}  // namespace polyak::test
