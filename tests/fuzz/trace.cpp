// Traces of one training of the signature, without the lines in front that say which, and without
// the checksum at the end: these are added. What can be read can be compared.
#include "fuzz/reader.hpp"
#include "io/sha256.hpp"
#include "trainer/signature/configuration_digest.hpp"
#include "trainer/signature/trace_difference.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return polyak::fuzz::run_reader(data, size, [](std::string_view text) {
    const polyak::SignatureCase& training = *polyak::find_signature_case("single");
    std::string bytes = "polyak trace 1\ntraining " + training.name + "\nconfiguration " +
                        polyak::configuration_digest(training) + "\n" + std::string(text);
    bytes += "sha256 " + polyak::Sha256().add(bytes).hex() + "\n";
    const polyak::Trace trace = polyak::parse_trace(bytes, "x.trace");
    polyak::fuzz::require(!polyak::first_difference(trace, trace));
    polyak::Trace other = trace;
    for (polyak::NamedArray& array : other.evaluation) array.bytes.clear();
    for (polyak::NamedArray& array : other.steps.back()) {
      for (std::byte& byte : array.bytes) byte ^= std::byte{1};
    }
    polyak::first_difference(trace, other);
  });
}
