#include "emulator/options.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <utility>

#include "emulator/error.hpp"

namespace polyak::emulator_tests {
namespace {

using emulator::Options;
using emulator::options_from_environment;
using emulator::Order;

/// Sets an environment variable for the length of a scope.
class ScopedVariable {
 public:
  ScopedVariable(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    setenv(name, value, 1);
  }
  ~ScopedVariable() { setenv(name_, before_.c_str(), 1); }
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;

 private:
  const char* name_;
  std::string before_;
};

TEST(EmulatorOptions, AreReadFromTheEnvironment) {
  const ScopedVariable order("POLYAK_EMULATOR_ORDER", "reverse");
  const ScopedVariable seed("POLYAK_EMULATOR_SEED", "77");
  const ScopedVariable lazy("POLYAK_EMULATOR_LAZY", "1");
  const ScopedVariable poison("POLYAK_EMULATOR_POISON", "0x7ff8");
  const ScopedVariable memory("POLYAK_EMULATOR_MEMORY", "0x1000");
  const ScopedVariable multiprocessors("POLYAK_EMULATOR_MULTIPROCESSORS", "9");
  const ScopedVariable capability("POLYAK_EMULATOR_CAPABILITY", "75");
  const ScopedVariable cluster("POLYAK_EMULATOR_CLUSTER", "4");
  const ScopedVariable devices("POLYAK_EMULATOR_DEVICES", "3");
  const Options read = options_from_environment();
  EXPECT_EQ(read.order, Order::reverse);
  EXPECT_EQ(read.seed, 77u);
  EXPECT_TRUE(read.lazy_streams);
  EXPECT_EQ(read.poison, 0x7ff8u);
  EXPECT_EQ(read.device_memory_bytes, 4096u);
  EXPECT_EQ(read.multiprocessors, 9);
  EXPECT_EQ(read.capability, 75);
  EXPECT_EQ(read.largest_cluster, 4u);
  EXPECT_EQ(read.devices, 3);
}

TEST(EmulatorOptions, AnEmptyVariableIsNone) {
  const ScopedVariable order("POLYAK_EMULATOR_ORDER", "");
  const ScopedVariable seed("POLYAK_EMULATOR_SEED", "");
  EXPECT_EQ(options_from_environment().order, Order::forward);
  EXPECT_EQ(options_from_environment().seed, Options().seed);
}

TEST(EmulatorOptions, MisspeltValuesAreRefused) {
  {
    const ScopedVariable order("POLYAK_EMULATOR_ORDER", "backward");
    EXPECT_THROW(options_from_environment(), emulator::Error);
  }
  for (const char* value : {"many", "12x", "-"}) {
    const ScopedVariable memory("POLYAK_EMULATOR_MEMORY", value);
    EXPECT_THROW(options_from_environment(), emulator::Error) << value;
  }
  const ScopedVariable poison("POLYAK_EMULATOR_POISON", "0x10000");
  EXPECT_THROW(options_from_environment(), emulator::Error) << "wider than 16 bits";
}

TEST(EmulatorOptions, EveryOrderHasItsName) {
  const std::pair<const char*, Order> names[] = {{"forward", Order::forward},
                                                 {"reverse", Order::reverse},
                                                 {"random", Order::random},
                                                 {"run_ahead", Order::run_ahead}};
  for (const auto& [name, order] : names) {
    const ScopedVariable variable("POLYAK_EMULATOR_ORDER", name);
    EXPECT_EQ(options_from_environment().order, order) << name;
  }
}

}  // namespace
}  // namespace polyak::emulator_tests
