// What identifies a build's arithmetic: digests of short trainings, which are the same for every
// device, engine, number of threads, compiler and instruction set.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "trainer/signature/cases.hpp"
#include "trainer/signature/named_array.hpp"

namespace polyak {

/// Who runs a training.
struct Execution {
  Device device;
  Engine engine = Engine::automatic;
  int threads = 0;  // CPU: 0 means all cores
};

/// `config` as it is to be run there, in fp32 with Polyak's own matrix products. UsageError if
/// there is no such device, or the CPU is given an engine.
Config on_execution(Config config, const Execution& execution);

/// The name of the first option that the engine does not have; empty if it has all of them.
std::string_view missing_option(const Config& config);

/// What a training leaves behind.
struct TrainingOutcome {
  std::string device;              // what ran where, in words
  std::vector<NamedArray> arrays;  // of the state, and of `evaluation_arrays`
};

/// Trains to the end. `after_iteration` is called with the state before the first iteration and
/// after each. RunError if a value is not finite.
TrainingOutcome train_signature_case(
    const SignatureCase& training, const Config& config,
    const std::function<void(const TrainingState&)>& after_iteration = {});

/// The digest of one training, or why there is none.
struct CaseSignature {
  std::string name;
  std::string digest;          // empty: the engine does not have this training
  std::string missing_option;  // then: the option that it does not have
  std::string device;          // what ran where, in words
};
CaseSignature sign(const SignatureCase& training, const Execution& execution);

/// One digest for all trainings that ran.
struct CombinedSignature {
  std::size_t trainings;
  std::string digest;
};

/// Digests by the names of trainings.
using DigestTable = std::map<std::string, std::string, std::less<>>;

/// Of the lines `NAME DIGEST` of the trainings that ran, in their order.
CombinedSignature combine(std::span<const CaseSignature> signatures);

/// The same of what `table` has for the trainings that ran; nothing if it lacks one of them.
std::optional<CombinedSignature> combine(std::span<const CaseSignature> signatures,
                                         const DigestTable& table);

/// Lines `NAME DIGEST`; empty ones and those that begin with # are comments. UsageError with `name`
/// and the line for any other, and for a training that is there twice or that is unknown.
DigestTable parse_digest_table(std::string_view text, const std::string& name);

/// Such a text. UsageError if a training is not in it because it did not run.
std::string digest_table_text(std::span<const CaseSignature> signatures);

/// What this version's arithmetic gives: signatures.txt, as it was when the program was built.
const DigestTable& expected_digests();

}  // namespace polyak
