// The environments in double precision, written from Gymnasium's definitions.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "polyak/core/philox.hpp"

namespace polyak::oracle {

struct Outcome {
  std::vector<double> next;
  double reward;
  bool terminated;
};

/// The random numbers of a reset or a step, by the number of their block.
using RandomBlocks = std::function<RandomBits(std::uint32_t block)>;

class OracleEnvironment {
 public:
  virtual ~OracleEnvironment() = default;
  virtual std::vector<double> reset(const RandomBlocks& random) const = 0;
  /// action: in the environment's units, not clipped beforehand.
  virtual Outcome step(const std::vector<double>& state, const std::vector<double>& action,
                       const RandomBlocks& random) const = 0;
  /// Of an environment with one dimension of action and without chance.
  Outcome step(const std::vector<double>& state, double action) const {
    return step(state, {action}, {});
  }
  virtual std::vector<double> observe(const std::vector<double>& state) const = 0;
  /// The action that the normalised 1 stands for; the ranges are symmetric.
  virtual double action_bound() const = 0;
};

/// `parameters` as environment_parameter_values() gives them; std::invalid_argument that says what
/// to do if an environment of the registry has no oracle.
std::unique_ptr<OracleEnvironment> make_environment(std::string_view name,
                                                    const std::vector<float>& parameters);

/// Uniform in [low, high) from the upper 24 bits of a word.
double uniform(double low, double high, std::uint32_t word);

/// Box-Muller (1958): words x, y make the normal values 0 and 1 of a block, z, w make 2 and 3.
double standard_normal(const RandomBits& bits, int dimension);

}  // namespace polyak::oracle
