// What the fuzzers have in common: a reader either reads or throws UsageError, whose message the
// terminal can take.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "app/output/message.hpp"
#include "polyak/core/error.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace polyak::fuzz {

/// Ends the process, which libFuzzer reports with the input, if what must hold does not.
inline void require(bool holds) {
  if (!holds) std::abort();
}

/// Gives the input to `read`.
template <class Read>
int run_reader(const std::uint8_t* data, std::size_t size, Read read) {
  try {
    read(std::string_view(reinterpret_cast<const char*>(data), size));
  } catch (const UsageError& error) {
    const std::string message = short_message(error.what());
    require(!message.empty() && message.size() <= 4 * longest_message);
    require(printable(message) == message);
  }
  return 0;
}

}  // namespace polyak::fuzz
