#include "trainer/signature/configuration_digest.hpp"

#include "io/config_text.hpp"
#include "io/sha256.hpp"
#include "trainer/signature/named_array.hpp"

namespace polyak {

std::string configuration_digest(const SignatureCase& training) {
  return Sha256().add(config_to_toml(training.config)).hex().substr(0, digest_digits);
}

}  // namespace polyak
