// A configuration that is read and valid is written as a file with the same meaning.
#include "fuzz/reader.hpp"
#include "io/config_text.hpp"
#include "io/field_texts.hpp"

namespace {

polyak::Config read_config(std::string_view text) {
  polyak::Config config =
      polyak::config_from_texts({}, polyak::parse_config_fields(text, "config.toml"));
  polyak::validate(config);
  return config;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return polyak::fuzz::run_reader(data, size, [](std::string_view text) {
    const polyak::Config config = read_config(text);
    polyak::fuzz::require(read_config(polyak::config_to_toml(config)) == config);
  });
}
