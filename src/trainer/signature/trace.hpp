// Everything that a training of the signature goes through, to find where two of them part.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "trainer/signature/signature.hpp"

namespace polyak {

/// One training, iteration by iteration.
struct Trace {
  std::string training;       // the name of its case
  std::string configuration;  // digest of what it trains, where it runs aside
  std::string device;         // what ran where, in words
  // [iterations + 1]: all of the state before the first iteration; then, after each, the arrays
  // that it changed.
  std::vector<std::vector<NamedArray>> steps;
  std::vector<NamedArray> evaluation;  // evaluation_arrays at the end

  bool operator==(const Trace&) const = default;
};

/// Trains and records. UsageError if the engine does not have the training.
Trace record_trace(const SignatureCase& training, const Execution& execution);

/// No file of a trace is larger; a test holds those of all trainings to a quarter of it.
inline constexpr std::uint64_t largest_trace_file = std::uint64_t{32} << 20;

/// The bytes of a trace's file: a line each with the format's version, training, configuration,
/// device and number of iterations; then every array, a line `STEP NAME TYPE COUNT` and its
/// little-endian numbers, where STEP counts iterations (0 for the state before the first one) or is
/// `evaluation`; and a line with the SHA-256 of all before it.
std::string serialise_trace(const Trace& trace);

/// Reads such bytes, `name` for messages. UsageError in one line for anything else, and for traces
/// of other versions and of trainings that this version does not have, or has otherwise.
Trace parse_trace(std::string_view bytes, const std::string& name);

}  // namespace polyak
