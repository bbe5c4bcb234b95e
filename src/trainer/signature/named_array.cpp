#include "trainer/signature/named_array.hpp"

#include "agent/state_arrays.hpp"
#include "io/sha256.hpp"

namespace polyak {

std::string_view to_string(NumberType type) {
  switch (type) {
    case NumberType::float32:
      return "float32";
    case NumberType::float64:
      return "float64";
    case NumberType::int32:
      return "int32";
    case NumberType::int64:
      break;
  }
  return "int64";
}

std::size_t bytes_of(NumberType type) {
  return type == NumberType::float32 || type == NumberType::int32 ? 4 : 8;
}

std::vector<NamedArray> state_arrays(const TrainingState& state) {
  std::vector<NamedArray> arrays;
  visit_state_arrays(state, [&arrays](std::string name, const auto& values) {
    arrays.push_back(named_array(std::move(name), values));
  });
  return arrays;
}

std::string digest_of(std::span<const NamedArray> arrays) {
  Sha256 digest;
  const auto add_length = [&digest](std::uint64_t length) {
    digest.add(std::as_bytes(std::span(&length, 1)));
  };
  for (const NamedArray& array : arrays) {
    add_length(array.name.size());
    digest.add(array.name);
    add_length(array.count());
    digest.add(array.bytes);
  }
  return digest.hex().substr(0, digest_digits);
}

}  // namespace polyak
