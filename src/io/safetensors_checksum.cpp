#include "io/safetensors_checksum.hpp"

#include "io/sha256.hpp"
#include "polyak/core/error.hpp"

namespace polyak {
namespace {

const std::string no_checksum(64, '0');

/// As it stands in the header of a file that serialise_with_checksum made.
std::string entry_of(const std::string& checksum) {
  return "\"" + std::string(checksum_key) + "\":\"" + checksum + "\"";
}

/// Where the checksum's digits begin in a file; npos if they are not written as they would be here.
std::size_t place_of(const std::string& checksum, std::string_view bytes) {
  const std::size_t entry = bytes.find(entry_of(checksum));
  return entry == std::string_view::npos ? entry : entry + entry_of("").size() - 1;
}

}  // namespace

std::string serialise_with_checksum(Safetensors content) {
  content.metadata[std::string(checksum_key)] = no_checksum;
  std::string bytes = serialise_safetensors(content);
  const std::string checksum = Sha256().add(bytes).hex();
  return bytes.replace(place_of(no_checksum, bytes), checksum.size(), checksum);
}

void verify_checksum(std::string_view bytes, const std::string& checksum, const std::string& name) {
  const std::size_t place = place_of(checksum, bytes);
  if (place != std::string_view::npos && checksum.size() == no_checksum.size()) {
    Sha256 sum;
    sum.add(bytes.substr(0, place)).add(no_checksum).add(bytes.substr(place + checksum.size()));
    if (sum.hex() == checksum) return;
  }
  throw UsageError(name + ": corrupted: it is not the file that its checksum was made of");
}

}  // namespace polyak
