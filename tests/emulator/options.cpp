#include "emulator/options.hpp"

#include <cstdlib>
#include <limits>
#include <string>

#include "emulator/error.hpp"

namespace polyak::emulator {
namespace {

/// The variable's value, or an empty string.
std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Order order_from(const std::string& text) {
  if (text.empty() || text == "forward") return Order::forward;
  if (text == "reverse") return Order::reverse;
  if (text == "random") return Order::random;
  if (text == "run_ahead") return Order::run_ahead;
  throw Error("POLYAK_EMULATOR_ORDER must be forward, reverse, random or run_ahead, not '" + text +
              "'");
}

/// Overwrites `value` if the variable is set; refuses what is not wholly a number or too large.
template <class Number>
void read_number(const char* name, Number& value) {
  const std::string text = environment(name);
  if (text.empty()) return;
  std::size_t used = 0;
  unsigned long long number = 0;
  try {
    number = std::stoull(text, &used, 0);
  } catch (const std::exception&) {
    used = 0;
  }
  const auto most = static_cast<unsigned long long>(std::numeric_limits<Number>::max());
  if (number > most) used = 0;
  if (used != text.size()) throw Error(std::string(name) + " must be a number: '" + text + "'");
  value = static_cast<Number>(number);
}

}  // namespace

Options options_from_environment() {
  Options result;
  int lazy = 0;
  result.order = order_from(environment("POLYAK_EMULATOR_ORDER"));
  read_number("POLYAK_EMULATOR_SEED", result.seed);
  read_number("POLYAK_EMULATOR_LAZY", lazy);
  read_number("POLYAK_EMULATOR_POISON", result.poison);
  read_number("POLYAK_EMULATOR_MEMORY", result.device_memory_bytes);
  read_number("POLYAK_EMULATOR_MULTIPROCESSORS", result.multiprocessors);
  read_number("POLYAK_EMULATOR_CAPABILITY", result.capability);
  read_number("POLYAK_EMULATOR_CLUSTER", result.largest_cluster);
  read_number("POLYAK_EMULATOR_DEVICES", result.devices);
  result.lazy_streams = lazy != 0;
  return result;
}

Options& options() {
  static Options instance = options_from_environment();
  return instance;
}

}  // namespace polyak::emulator
